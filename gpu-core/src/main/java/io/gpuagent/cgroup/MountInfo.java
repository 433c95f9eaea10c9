package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * Those mounts of {@code /proc/PID/mountinfo} that tell of a container: the cgroup mounts and the bind mounts.
 *
 * @param cgroups the roots of the cgroup and cgroup2 mounts, each as the line of a cgroup file that it would be
 * @param binds the sources of bind mounts, each within its own file system
 */
public record MountInfo(CgroupFile cgroups, List<KernelPath> binds) {

    /** Field 4 of a line is the root of the mount within its file system: proc_pid_mountinfo(5). */
    private static final int ROOT = 3;

    /** Optional fields begin after the sixth and end at a single dash. */
    private static final int FIRST_OPTIONAL = 6;

    /** Ten, and at most four optional ones are known; what follows the limit is not told apart. */
    private static final int MOST_FIELDS = 32;

    /** What the kernel appends to the root of a mount whose source was unlinked (seq_path_root of fs/seq_file.c). */
    private static final String DELETED = "//deleted";

    public MountInfo {
        binds = List.copyOf(binds);
    }

    /** Takes any text, in linear time; what is not a line of mountinfo is left out. */
    public static MountInfo parse(String text) {
        List<CgroupFile.Line> cgroups = new ArrayList<>();
        List<KernelPath> binds = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            sort(text.substring(start, end).split(" ", MOST_FIELDS), cgroups, binds);
            start = end + 1;
        }
        return new MountInfo(new CgroupFile(cgroups), binds);
    }

    private static void sort(String[] fields, List<CgroupFile.Line> cgroups, List<KernelPath> binds) {
        int dash = separator(fields);
        if (dash < 0 || !fields[ROOT].startsWith("/")) {
            return;
        }
        KernelPath root = root(fields[ROOT]);
        String options = dash + 3 < fields.length ? fields[dash + 3] : "";
        switch (fields[dash + 1]) {
            case "cgroup2" -> cgroups.add(new CgroupFile.Line("0", "", root));
            case "cgroup" -> cgroups.add(new CgroupFile.Line("1", controllers(options), root));
            default -> {
                if (root.depth() > 0) {
                    binds.add(root);
                }
            }
        }
    }

    /** The index of the dash before the file system's type; -1 where there is none. */
    private static int separator(String[] fields) {
        for (int i = FIRST_OPTIONAL; i + 1 < fields.length; i++) {
            if (fields[i].equals("-")) {
                return i;
            }
        }
        return -1;
    }

    private static KernelPath root(String field) {
        String path = unescaped(field);
        return KernelPath.parse(path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path);
    }

    /** Mount options such as {@code rw,xattr,name=systemd} hold the controllers among other words. */
    private static String controllers(String options) {
        return List.of(options.split(",")).contains("name=systemd") ? "name=systemd" : options;
    }

    /** Blank, tab, newline and backslash are written as a backslash and three octal digits. */
    private static String unescaped(String field) {
        StringBuilder text = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && isOctal(field, i + 1)) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(field.charAt(i));
            }
        }
        return text.toString();
    }

    private static boolean isOctal(String text, int start) {
        for (int i = start; i < start + 3; i++) {
            if (i >= text.length() || text.charAt(i) < '0' || text.charAt(i) > '7') {
                return false;
            }
        }
        return true;
    }
}
