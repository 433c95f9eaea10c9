package io.gpuagent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The names of a system's users by its passwd(5) file, read again when it has changed. A directory service is not asked, which might
 * take for ever: users that only such a one knows have no name here.
 */
final class UserNames {

    private final Path file;
    private Object stamp = "";
    private Map<Integer, String> names = Map.of();

    UserNames(Path file) {
        this.file = file;
    }

    synchronized Optional<String> name(int uid) {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            Object found = List.of(now.lastModifiedTime(), now.size(), String.valueOf(now.fileKey()));
            if (!found.equals(stamp)) {
                names = parse(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
                stamp = found;
            }
        } catch (IOException e) {
            // Perhaps it is just being replaced: what was read before goes on.
        }
        return Optional.ofNullable(names.get(uid));
    }

    /** Names by uid from lines {@code name:password:uid:…}; of several for one uid the first, as getpwuid(3) has it. */
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
