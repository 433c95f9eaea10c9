package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The valid lines of {@code /proc/PID/cgroup}; empty if the text has none.
 *
 * @param lines in the file's order. The order carries no meaning: the kernel numbers hierarchies in the order of
 *     mounting
 */
public record CgroupFile(List<Line> lines) {

    private static final String DELETED = " (deleted)";

    public CgroupFile {
        lines = List.copyOf(lines);
    }

    /**
     * A process's place in one hierarchy.
     *
     * @param hierarchy the hierarchy's number in ASCII digits, of any length; {@code 0} is cgroup v2
     * @param controllers comma-separated; empty for cgroup v2, {@code name=systemd} for systemd's own hierarchy
     */
    public record Line(String hierarchy, String controllers, KernelPath path) {}

    /** Parses any text in linear time. Lines that are not of the form {@code N:controllers:/path} are skipped. */
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

    /**
     * These lines with paths that only root can have made. In a cgroup namespace of its own, this process sees {@code
     * ..} in the paths of cgroups beside its own one or above; a path without them is below its own cgroup, where
     * anybody may have made it, and becomes empty. So does every path with {@code ..} if the host's root is unknown.
     *
     * @param root the cgroups of a process in the root cgroup; a hierarchy that is missing there has no {@code ..}
     */
    public CgroupFile below(CgroupFile root) {
        return new CgroupFile(lines.stream()
                .map(line -> isOutside(line.path().up(), root.up(line.hierarchy()))
                        ? line
                        : new Line(line.hierarchy(), line.controllers(), KernelPath.parse("")))
                .toList());
    }

    private static boolean isOutside(int up, int root) {
        return root == 0 ? up == 0 : up > 0 && up <= root;
    }

    private int up(String hierarchy) {
        return lines.stream()
                .filter(line -> line.hierarchy().equals(hierarchy))
                .mapToInt(line -> line.path().up())
                .findFirst()
                .orElse(0);
    }

    /** Splits at the first two colons only: a path may contain colons, as in {@code sshd@1-10.0.0.1:22.service}. */
    private static Optional<Line> line(String text) {
        int first = text.indexOf(':');
        int second = text.indexOf(':', first + 1);
        if (first < 1 || second < 0 || !isNumber(text.substring(0, first))) {
            return Optional.empty();
        }
        String path = withoutSuffix(withoutSuffix(text.substring(second + 1), "\r"), DELETED);
        return path.startsWith("/")
                ? Optional.of(
                        new Line(text.substring(0, first), text.substring(first + 1, second), KernelPath.parse(path)))
                : Optional.empty();
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String withoutSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }
}
