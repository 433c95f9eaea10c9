package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * The mounts of {@code /proc/PID/mountinfo} that can identify a container: cgroup mounts and bind mounts.
 *
 * @param cgroups the roots of the cgroup and cgroup2 mounts, each in the form of a cgroup file's line
 * @param binds the sources of bind mounts, each relative to its own file system
 */
public record MountInfo(CgroupFile cgroups, List<KernelPath> binds) {

    /** Index of field 4, the root of the mount within its file system: proc_pid_mountinfo(5). */
    private static final int ROOT = 3;

    /** Optional fields begin after the sixth field and end at a single dash. */
    private static final int FIRST_OPTIONAL = 6;

    /** There are ten fields and at most four known optional ones. Text after this limit is not split further. */
    private static final int MAX_FIELDS = 32;

    /** What the kernel appends to the root of a mount whose source was unlinked (seq_path_root of fs/seq_file.c). */
    private static final String DELETED = "//deleted";

    public MountInfo {
        binds = List.copyOf(binds);
    }

    /** Parses any text in linear time. Lines that are not in mountinfo format are skipped. */
    public static MountInfo parse(String text) {
        List<CgroupFile.Line> cgroups = new ArrayList<>();
        List<KernelPath> binds = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            addMount(text.substring(start, end).split(" ", MAX_FIELDS), cgroups, binds);
            start = end + 1;
        }
        return new MountInfo(new CgroupFile(cgroups), binds);
    }

    private static void addMount(String[] fields, List<CgroupFile.Line> cgroups, List<KernelPath> binds) {
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

    /** The index of the dash before the file system type; -1 if there is none. */
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

    /** Mount options such as {@code rw,xattr,name=systemd} list the controllers among other options. */
    private static String controllers(String options) {
        return List.of(options.split(",")).contains("name=systemd") ? "name=systemd" : options;
    }

    /** The kernel writes space, tab, newline and backslash as a backslash and three octal digits. */
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
