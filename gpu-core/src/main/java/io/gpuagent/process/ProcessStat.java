package io.gpuagent.process;

import java.util.Optional;

/**
 * The fields of {@code /proc/PID/stat} that are used here.
 *
 * @param comm the command name; at most 15 bytes for a user process, of any characters
 * @param state the state letter: {@code R}, {@code S}, {@code D}, {@code Z} …
 */
public record ProcessStat(ProcessIdentity identity, String comm, char state) {

    private static final int FIELDS_FROM_STATE_TO_STARTTIME = 19;

    /** Whether this is a zombie or dead process. Its cgroup no longer shows where it ran. */
    public boolean ended() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Parses the text of {@code /proc/PID/stat} (proc(5)); empty if the text is malformed. The command name is in
     * parentheses and may itself contain parentheses and spaces, so the remaining fields start after the last closing
     * parenthesis.
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
