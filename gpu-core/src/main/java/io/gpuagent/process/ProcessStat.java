package io.gpuagent.process;

import java.util.Optional;

/**
 * What {@code /proc/PID/stat} says of a process.
 *
 * @param comm the command's name, at most 15 bytes in the kernel; may hold any character
 * @param state the state letter: {@code R}, {@code S}, {@code D}, {@code Z} …
 */
public record ProcessStat(ProcessIdentity identity, String comm, char state) {

    private static final int FIELDS_FROM_STATE_TO_STARTTIME = 19;

    /** A zombie or dead process, whose cgroup no longer tells where it worked. */
    public boolean ended() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Parses the text of {@code /proc/PID/stat} (proc(5)); empty if it is not one. The command stands in parentheses and may hold
     * parentheses and blanks of its own, so the rest begins behind the last closing one.
     */
    public static Optional<ProcessStat> parse(String text) {
        int open = text.indexOf('(');
        int close = text.lastIndexOf(')');
        if (open < 1 || close < open || close + 2 >= text.length()) {
            return Optional.empty();
        }
        String[] fields = text.substring(close + 2).trim().split(" ");
        if (fields.length <= FIELDS_FROM_STATE_TO_STARTTIME || fields[0].length() != 1) {
            return Optional.empty();
        }
        try {
            int pid = Integer.parseInt(text.substring(0, open).trim());
            long start = Long.parseLong(fields[FIELDS_FROM_STATE_TO_STARTTIME]);
            String comm = text.substring(open + 1, close);
            return Optional.of(new ProcessStat(new ProcessIdentity(pid, start), comm, fields[0].charAt(0)));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }
}
