package io.gpuagent.process;

import io.gpuagent.platform.FileStamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The login names in a passwd(5) file. The file is re-read when it changes. Directory services are not queried because
 * a query may block indefinitely; users known only to such a service have no name here.
 */
final class UserNames {

    private final Path file;
    private @Nullable FileStamp stamp;
    private Map<Integer, String> names = Map.of();

    UserNames(Path file) {
        this.file = file;
    }

    synchronized Optional<String> name(int uid) {
        try {
            FileStamp current = FileStamp.of(file);
            if (!current.equals(stamp)) {
                names = parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
                stamp = current;
            }
        } catch (IOException e) {
            // The file may be in the middle of a replacement: keep the names read before.
        }
        return Optional.ofNullable(names.get(uid));
    }

    /** Parses lines {@code name:password:uid:…}; the first name of a uid wins, as in getpwuid(3). */
    static Map<Integer, String> parse(String text) {
        Map<Integer, String> names = new HashMap<>();
        for (String line : text.split("\n")) {
            String[] fields = line.split(":", 4);
            if (fields.length == 4 && !fields[0].isEmpty() && fields[2].matches("[0-9]{1,9}")) {
                names.putIfAbsent(Integer.parseInt(fields[2]), fields[0]);
            }
        }
        return names;
    }
}
