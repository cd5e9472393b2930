package carbonops.testbed.is7;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.function.Function;

/** The state of a tenant, kept in one file that is replaced at every change. Nodes of a cluster have the file's folder in common. */
final class Store {
    private final Path file;
    private State state = new State();
    private FileTime read;

    Store(String carbonHome, Tenant tenant) {
        String name = tenant.isSuper() ? "testbed.json" : "testbed-" + tenant.domain() + ".json";
        file = Path.of(carbonHome, "repository", "database", "oauth2", name);
    }

    synchronized <T> T read(Function<State, T> question) {
        refresh();
        return question.apply(state);
    }

    synchronized <T> T change(Function<State, T> change) {
        refresh();
        T result = change.apply(state);
        write();
        return result;
    }

    /** Another node may have replaced the file. */
    private void refresh() {
        try {
            if (Files.exists(file) && !Files.getLastModifiedTime(file).equals(read)) {
                read = Files.getLastModifiedTime(file);
                state = read(file);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static State read(Path file) throws IOException {
        return Json.GSON.fromJson(Files.readString(file), State.class);
    }

    private void write() {
        try {
            Files.createDirectories(file.getParent());
            Path draft = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(draft, Json.GSON.toJson(state));
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
