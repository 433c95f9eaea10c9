package io.gpuagent.cgroup;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of {@code /proc/PID/mountinfo}, in the file's order: later ones hide earlier ones.
 */
public record MountInfo(List<Mount> mounts) {

    /** Indices of the fields {@code major:minor}, root and mount point: proc_pid_mountinfo(5). */
    private static final int DEVICE = 2;

    private static final int ROOT = 3;
    private static final int POINT = 4;
    /** Fields after this limit are not read. */
    private static final int MAX_FIELDS = 6;
    /** What the kernel appends to the root of a mount whose source was unlinked (seq_path_root of fs/seq_file.c). */
    private static final String DELETED = "//deleted";

    public MountInfo {
        mounts = List.copyOf(mounts);
    }

    /**
     * A mount.
     *
     * @param device the device as {@code major:minor}
     * @param root the mounted directory or file, relative to its own file system
     * @param point where it is mounted
     */
    public record Mount(String device, KernelPath root, KernelPath point) {}

    /** Parses any text in linear time. Lines that are not in mountinfo format are skipped. */
    public static MountInfo parse(String text) {
        List<Mount> mounts = new ArrayList<>();
        int start = 0;
        while (start < text.length()) {
            int newline = text.indexOf('\n', start);
            int end = newline < 0 ? text.length() : newline;
            String[] fields = text.substring(start, end).split(" ", MAX_FIELDS);
            if (fields.length == MAX_FIELDS && fields[ROOT].startsWith("/")) {
                mounts.add(new Mount(fields[DEVICE], root(fields[ROOT]), KernelPath.parse(unescaped(fields[POINT]))));
            }
            start = end + 1;
        }
        return new MountInfo(mounts);
    }

    /** The device and the place on it of a path, seen through these mounts; empty if no mount contains it. */
    public Optional<Mount> locate(KernelPath path) {
        @Nullable Mount innermost = null;
        for (Mount mount : mounts) {
            if (path.startsWith(mount.point())
                    && (innermost == null
                            || mount.point().depth() >= innermost.point().depth())) {
                innermost = mount;
            }
        }
        if (innermost == null) {
            return Optional.empty();
        }
        List<String> names = new ArrayList<>(innermost.root().names());
        names.addAll(path.names().subList(innermost.point().depth(), path.depth()));
        return Optional.of(new Mount(innermost.device(), new KernelPath(names), path));
    }

    private static KernelPath root(String field) {
        String path = unescaped(field);
        return KernelPath.parse(path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path);
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
