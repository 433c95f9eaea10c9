package io.gpuagent.process;

import io.gpuagent.platform.FileStamp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The users in a passwd(5) file, and the ranges of uids that subuid(5) gives them for their containers. The files are
 * re-read when they change. Directory services are not queried because a query may block indefinitely; users known only
 * to such a service have no name here.
 */
final class UserNames {

    private final Path passwd;
    private final Path subuid;
    private final UserLabel label;
    private @Nullable List<FileStamp> stamps;
    private Map<Integer, String> names = Map.of();
    private List<Range> ranges = List.of();

    /** Uids from start on, up to the end exclusively, that belong to a user: a login name or a uid. */
    private record Range(long start, long end, String owner) {}

    UserNames(Path passwd, Path subuid, UserLabel label) {
        this.passwd = passwd;
        this.subuid = subuid;
        this.label = label;
    }

    /** The label of a user; empty if the user has no name. */
    synchronized Optional<String> name(int uid) {
        if (label == UserLabel.OFF) {
            return Optional.of("");
        }
        try {
            List<FileStamp> current = List.of(FileStamp.of(passwd), FileStamp.of(subuid));
            if (!current.equals(stamps)) {
                names = parse(text(passwd));
                ranges = Files.exists(subuid) ? ranges(text(subuid)) : List.of();
                stamps = current;
            }
        } catch (IOException e) {
            // A file may be in the middle of a replacement: keep what was read before.
        }
        String name = names.containsKey(uid) ? names.get(uid) : owner(uid);
        return Optional.ofNullable(label == UserLabel.UID ? uidOf(name) : name);
    }

    private @Nullable String owner(int uid) {
        for (Range range : ranges) {
            if (range.start <= uid && uid < range.end) {
                boolean isUid = range.owner.matches("[0-9]{1,9}");
                return isUid ? names.getOrDefault(Integer.valueOf(range.owner), range.owner) : range.owner;
            }
        }
        return null;
    }

    private @Nullable String uidOf(@Nullable String name) {
        return names.entrySet().stream()
                .filter(user -> user.getValue().equals(name))
                .map(user -> user.getKey().toString())
                .findFirst()
                .orElse(null);
    }

    private static String text(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    /** Parses lines {@code owner:start:count}. */
    private static List<Range> ranges(String text) {
        List<Range> ranges = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] fields = line.strip().split(":");
            if (fields.length == 3 && fields[1].matches("[0-9]{1,10}") && fields[2].matches("[0-9]{1,10}")) {
                long start = Long.parseLong(fields[1]);
                ranges.add(new Range(start, start + Long.parseLong(fields[2]), fields[0]));
            }
        }
        return ranges;
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
