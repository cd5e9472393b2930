package carbonops.testbed.is7;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Function;

/** The state, kept in one file of the server's home that is replaced at every change. */
final class Store {
    private final Path file;
    private final State state;

    Store(String carbonHome) {
        file = Path.of(carbonHome, "repository", "database", "testbed-oauth2.json");
        state = Files.exists(file) ? read(file) : new State();
    }

    synchronized <T> T read(Function<State, T> question) {
        return question.apply(state);
    }

    synchronized <T> T change(Function<State, T> change) {
        T result = change.apply(state);
        write();
        return result;
    }

    private static State read(Path file) {
        try {
            return Json.GSON.fromJson(Files.readString(file), State.class);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
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
