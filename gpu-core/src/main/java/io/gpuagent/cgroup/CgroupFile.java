package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The valid lines of {@code /proc/PID/cgroup}; none where the file is empty or is not such a file.
 *
 * @param lines in the file's order, which means nothing: the kernel numbers hierarchies in the order they were mounted
 */
public record CgroupFile(List<Line> lines) {

    private static final String DELETED = " (deleted)";

    public CgroupFile {
        lines = List.copyOf(lines);
    }

    /**
     * A process's place in one hierarchy.
     *
     * @param hierarchy ASCII digits, as many as there are; {@code 0} is cgroup v2
     * @param controllers separated by commas; empty for cgroup v2, {@code name=systemd} for systemd's own hierarchy
     */
    public record Line(String hierarchy, String controllers, KernelPath path) {}

    /** Takes any text, in linear time; what is not a line of the form {@code N:controllers:/path} is left out. */
    public static CgroupFile parse(String text) {
        List<Line> lines = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            line(text.substring(start, end)).ifPresent(lines::add);
            start = end + 1;
        }
        return new CgroupFile(lines);
    }

    /** Splits at the first two colons only: controllers hold none, a path may, as in {@code sshd@1-10.0.0.1:22.service}. */
    private static Optional<Line> line(String text) {
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        if (first < 1 || second < 0 || !isNumber(text.substring(0, first))) {
            return Optional.empty();
        }
        String path = withoutEnd(withoutEnd(text.substring(second + 1), "\r"), DELETED);
        return path.startsWith("/")
                ? Optional.of(
                        new Line(text.substring(0, first), text.substring(first + 1, second), KernelPath.parse(path)))
                : Optional.empty();
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String withoutEnd(String text, String end) {
        return text.endsWith(end) ? text.substring(0, text.length() - end.length()) : text;
    }
}
