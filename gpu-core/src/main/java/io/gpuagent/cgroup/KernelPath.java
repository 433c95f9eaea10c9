package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * A path from {@code /proc} as the list of its names, from the root down.
 *
 * <p>Empty names, {@code .} and {@code ..} are dropped. A name longer than NAME_MAX cannot come from the kernel. It
 * becomes an empty name, which no rule matches.
 *
 * @param up the number of leading {@code ..}: the kernel writes them for cgroups outside the reader's cgroup
 *     namespace (cgroup_namespaces(7))
 */
public record KernelPath(List<String> names, int up) {

    /** From linux/limits.h, in bytes. A name never has more characters than bytes. */
    private static final int NAME_MAX = 255;

    public KernelPath {
        names = List.copyOf(names);
    }

    /** Creates a path without {@code ..}. */
    public KernelPath(List<String> names) {
        this(names, 0);
    }

    /** Parses any text; text without a slash is a path of one name. */
    public static KernelPath parse(String text) {
        List<String> names = new ArrayList<>();
        int up = 0;
        int start = 0;
        while (start <= text.length()) {
            int slash = text.indexOf('/', start);
            int end = slash < 0 ? text.length() : slash;
            String name = text.substring(start, end);
            if (name.equals("..")) {
                up += names.isEmpty() ? 1 : 0;
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name.length() > NAME_MAX ? "" : name);
            }
            start = end + 1;
        }
        return new KernelPath(names, up);
    }

    public int depth() {
        return names.size();
    }

    /** The name at an index counted from the root; empty for an index out of range. */
    public String name(int index) {
        return index >= 0 && index < names.size() ? names.get(index) : "";
    }

    /** The path of the first names, such as {@code /system.slice/foo.service}. */
    public String above(int index) {
        return "/" + String.join("/", names.subList(0, index));
    }

    /** Whether the path is a directory or below it. */
    public boolean startsWith(KernelPath directory) {
        return depth() >= directory.depth()
                && names.subList(0, directory.depth()).equals(directory.names());
    }
}
