package carbonops.testbed.boot;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A class whose superclass or interface is absent reads as "not found", which the product's aspects tolerate. */
public final class LenientClassLoader extends URLClassLoader {

    /** Earlier folders win: ours and the stand-ins, the product's classes, the libraries it brings, others, the kernel's. */
    private static final List<String> FOLDERS = List.of("testbed", "product", "webapp-libraries", "libraries", "kernel");

    private LenientClassLoader(URL[] path) {
        super(path, ClassLoader.getPlatformClassLoader());
    }

    public static LenientClassLoader of(Path components) throws IOException {
        List<URL> path = new ArrayList<>();
        for (String folder : FOLDERS) {
            try (Stream<Path> files = Files.list(components.resolve(folder))) {
                for (Path file : files.sorted().collect(Collectors.toList())) {
                    path.add(file.toUri().toURL());
                }
            }
        }
        return new LenientClassLoader(path.toArray(new URL[0]));
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        try {
            return super.findClass(name);
        } catch (NoClassDefFoundError e) {
            throw new ClassNotFoundException(name, e);
        }
    }
}
