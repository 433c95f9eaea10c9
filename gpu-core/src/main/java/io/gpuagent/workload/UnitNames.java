package io.gpuagent.workload;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of units that systemd, terminals and launchers make up at random, and the name under which all units of such
 * a form are shown.
 *
 * @param shown the name that replaces them; null for the only group that matches
 */
record UnitNames(Pattern name, @Nullable String shown) {

    private static final String UUID = IdPatterns.UUID;

    /** systemd-run(1): {@code run-rHEX}, {@code run-uN}, {@code run-pN-iM} and {@code run-N}. */
    private static final String RUN = "run-(?:r[0-9a-f]{32}|u[0-9]+|p[0-9]+-i[0-9]+|[0-9]+)\\.(?:scope|service)";

    private static final Pattern SYSTEMD_RUN = Pattern.compile(RUN);

    /** libvirt counts the starts of its guests: {@code machine-qemu-N-NAME.scope}, with escaped dashes. */
    private static final Pattern LIBVIRT =
            Pattern.compile("machine-qemu\\\\x2d[0-9]+\\\\x2d(.+)\\.scope", Pattern.DOTALL);

    /**
     * Of units of a user: login sessions, systemd-run, panes of tmux and of terminals; then applications as in systemd's
     * DESKTOP_ENVIRONMENTS document, {@code app[-LAUNCHER]-ID-RANDOM.scope} and {@code app[-LAUNCHER]-ID[@RANDOM].service},
     * of which D-Bus activation makes {@code dbus-:1.N-ID@M.service}; snap's scopes; names that end in a process id.
     */
    private static final List<UnitNames> OF_USERS = List.of(
            of(
                    "session-[0-9A-Za-z]+\\.scope|" + RUN + "|[a-z]+-spawn-" + UUID
                            + "\\.scope|kitty-[0-9]+-[0-9]+\\.scope",
                    "session"),
            of("(snap\\..+?)[.-]" + UUID + "\\.scope", null),
            of("(?:app-)?dbus(?:-|\\\\x2d):[0-9.]+(?:-|\\\\x2d)(.+?)(?:@[^@]*)?\\.service", null),
            of("app-(?:[^-]+-)*?([^-]+)-(?:" + UUID + "|[^-]+)\\.(?:scope|slice)", null),
            of("app-(?:[^-@]+-)*?([^-@]+)(?:-[0-9]+)?(?:@.*)?\\.service", null),
            of("(apptainer|singularity)-[0-9]+\\.scope", null),
            of("(.+)-[0-9]{4,}\\.scope", null));

    private static final Pattern ESCAPED = Pattern.compile("\\\\x([0-7][0-9a-f])");

    private static UnitNames of(String name, @Nullable String shown) {
        return new UnitNames(Pattern.compile(name, Pattern.DOTALL), shown);
    }

    /** The name under which a unit is shown, with the user's number in front of a user's unit. */
    static String shown(Workload.Unit unit) {
        String name = unit.name();
        if (unit.userId() != null) {
            return "user-" + unit.userId() + "/" + ofUser(name);
        }
        // Labels are made at every sample: most names need no pattern.
        if (name.startsWith("run-") && SYSTEMD_RUN.matcher(name).matches()) {
            return "run";
        }
        if (!name.startsWith("machine-qemu")) {
            return name;
        }
        Matcher guest = LIBVIRT.matcher(name);
        return guest.matches() ? unescaped("machine-qemu-" + guest.group(1) + ".scope") : name;
    }

    private static String ofUser(String name) {
        for (UnitNames form : OF_USERS) {
            Matcher matcher = form.name.matcher(name);
            if (matcher.matches()) {
                return form.shown == null ? unescaped(matcher.group(1)) : form.shown;
            }
        }
        return name;
    }

    private static String unescaped(String name) {
        return ESCAPED.matcher(name)
                .replaceAll(
                        code -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(code.group(1), 16))));
    }
}
