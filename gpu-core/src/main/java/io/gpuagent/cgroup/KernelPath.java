package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * A path as the kernel writes it in {@code /proc}: the names from the root down.
 *
 * <p>Empty names, {@code .} and {@code ..} are left out. The kernel puts leading {@code ..} before what lies outside the reader's
 * cgroup namespace (cgroup_namespaces(7)), so they say nothing of the owner. A name longer than any file's stands as an empty one:
 * the kernel did not make it, and no rule matches it.
 */
public record KernelPath(List<String> names) {

    /** NAME_MAX of linux/limits.h, in bytes; a name never has more characters than bytes. */
    private static final int LONGEST_NAME = 255;

    public KernelPath {
        names = List.copyOf(names);
    }

    /** Takes any text; one without a slash is a path of one name. */
    public static KernelPath parse(String text) {
        List<String> names = new ArrayList<>();
        int start = 0;
        while (start <= text.length()) {
            int slash = text.indexOf('/', start);
            int end = slash < 0 ? text.length() : slash;
            String name = text.substring(start, end);
            if (!name.isEmpty() && !name.equals(".") && !name.equals("..")) {
                names.add(name.length() > LONGEST_NAME ? "" : name);
            }
            start = end + 1;
        }
        return new KernelPath(names);
    }

    /** The number of names. */
    public int depth() {
        return names.size();
    }

    /** The name at an index that counts from the root; empty above the root and below the last name. */
    public String name(int index) {
        return index >= 0 && index < names.size() ? names.get(index) : "";
    }
}
