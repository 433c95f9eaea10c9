package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * A path from {@code /proc} as the list of its names, from the root down.
 *
 * <p>Empty names, {@code .} and {@code ..} are dropped. The kernel writes leading {@code ..} for cgroups outside the
 * reader's cgroup namespace (cgroup_namespaces(7)); they do not identify an owner. A name longer than NAME_MAX cannot
 * come from the kernel. It becomes an empty name, which no rule matches.
 */
public record KernelPath(List<String> names) {

    /** From linux/limits.h, in bytes. A name never has more characters than bytes. */
    private static final int NAME_MAX = 255;

    public KernelPath {
        names = List.copyOf(names);
    }

    /** Parses any text; text without a slash is a path of one name. */
    public static KernelPath parse(String text) {
        List<String> names = new ArrayList<>();
        int start = 0;
        while (start <= text.length()) {
            int slash = text.indexOf('/', start);
            int end = slash < 0 ? text.length() : slash;
            String name = text.substring(start, end);
            if (!name.isEmpty() && !name.equals(".") && !name.equals("..")) {
                names.add(name.length() > NAME_MAX ? "" : name);
            }
            start = end + 1;
        }
        return new KernelPath(names);
    }

    public int depth() {
        return names.size();
    }

    /** The name at an index counted from the root; empty for an index out of range. */
    public String name(int index) {
        return index >= 0 && index < names.size() ? names.get(index) : "";
    }
}
