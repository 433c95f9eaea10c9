package io.gpuagent.workload;

import io.gpuagent.cgroup.KernelPath;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the systemd unit on a path: the outermost one, or below a user's manager or session the outermost unit in it.
 */
final class UnitPath {

    /**
     * The characters of unit_name_is_valid in systemd's src/basic/unit-name.c. A name without text between the at sign
     * and the suffix is a template, not a running unit. Slices contain units, not processes, and are not matched.
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

    /** The index of the first unit at or below an index; the path's depth if there is none. */
    private static int next(KernelPath path, int start) {
        int i = start;
        while (i < path.depth() && !UNIT.matcher(unescaped(path.name(i))).matches()) {
            i++;
        }
        return i;
    }

    /** systemd prefixes an underscore to names that would clash with kernel files, such as {@code cpu.service}. */
    private static String unescaped(String name) {
        return name.startsWith("_") ? name.substring(1) : name;
    }

    /** The outermost user wins: below their own manager, users can choose any slice names. */
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
