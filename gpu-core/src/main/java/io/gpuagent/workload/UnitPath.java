package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds the systemd unit that a path leads into: the outermost, but for a user's own below the manager or session that holds it. */
final class UnitPath {

    /**
     * The characters of unit_name_is_valid in systemd's src/basic/unit-name.c. A template has nothing between the at sign and the
     * suffix and is no running unit. A slice holds no processes of its own that we would ask for.
     */
    private static final Pattern UNIT =
            Pattern.compile("[0-9A-Za-z:_.\\\\-]+(?:@[0-9A-Za-z:_.\\\\@-]+)?\\.(?:service|scope|mount|socket|swap)");

    private static final Pattern HOLDER = Pattern.compile("user@[0-9]+\\.service|session-[0-9A-Za-z]+\\.scope");
    private static final Pattern USER = Pattern.compile("user-([0-9]+)\\.slice|user@([0-9]+)\\.service");

    private UnitPath() {}

    static Optional<Workload> owner(KernelPath path) {
        int outer = next(path, 0);
        if (outer == path.depth()) {
            return Optional.empty();
        }
        int inner = HOLDER.matcher(unescaped(path.name(outer))).matches() ? next(path, outer + 1) : path.depth();
        int unit = inner < path.depth() ? inner : outer;
        return Optional.of(new Workload.Unit(unescaped(path.name(unit)), user(path, unit)));
    }

    /** The index of the first unit at or below an index; the path's depth where there is none. */
    private static int next(KernelPath path, int start) {
        int i = start;
        while (i < path.depth() && !UNIT.matcher(unescaped(path.name(i))).matches()) {
            i++;
        }
        return i;
    }

    /** systemd puts an underscore before a name that would clash with a file of the kernel's, such as {@code cpu.service}. */
    private static String unescaped(String name) {
        return name.startsWith("_") ? name.substring(1) : name;
    }

    /** The outermost user counts: below his own manager he can name slices as he likes. */
    private static @Nullable String user(KernelPath path, int unit) {
        for (int i = 0; i <= unit; i++) {
            Matcher user = USER.matcher(path.name(i));
            if (user.matches()) {
                String slice = user.group(1);
                return slice != null ? slice : user.group(2);
            }
        }
        return null;
    }
}
