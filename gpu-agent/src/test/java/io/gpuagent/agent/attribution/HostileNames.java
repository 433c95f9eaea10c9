package io.gpuagent.agent.attribution;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/** Hostile names, and how they must be shown. */
final class HostileNames {

    /** Names that every source uses as container name, image name and label value. */
    static final List<String> TEXTS = List.of(
            "quotes \" ' and braces }{ a=\"b\" 1 # EOF",
            "\\ \\n \\\" \\\\ backslash at the end \\",
            "line\nfeeds\n# TYPE gpu_up counter\ngpu_up{gpu=\"0\"} 0\n",
            "ends of lines elsewhere: \r \r\n \u000b \f \u0085 \u2028 \u2029",
            "nul\u0000 soh\u0001 tab\t bell\u0007 esc\u001b[2J del\u007f",
            "halves of characters: \ud800 \udc00 \udfff\ud83d",
            "\u202e turned \u200f around, \ufeff mark, \uffff none, \ud83d\ude00 face",
            "x".repeat(64 << 10),
            "x" + "\ud83d\ude00".repeat(32 << 10),
            " ",
            "=1+cmd|' /C calc'!A0",
            "%s %n $1 \\E ${jndi:ldap://x} <script>&amp;");

    /**
     * File names, one character per byte: invalid UTF-8, UTF-8 that becomes invalid when cut to the 15 bytes of a
     * command's name, and two names that are equal once invalid bytes are replaced. The kernel allows no line feed in
     * the name of a cgroup.
     */
    static final List<String> BYTES = List.of(
            "\"} 1\\\r\tb",
            "no\u00ff\u00fe) S 1 2 (",
            "twin\u00ff",
            "twin\u00fe",
            "fourteen bytes\u00c3\u00a9",
            "\u001b[2J\u007f",
            " x");

    private static final int LONGEST = 1024;
    private static final int LONGEST_COMMAND = 15;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private HostileNames() {}

    /** The text as it must be shown: cut to the maximum length, with lone surrogates replaced. */
    static String shown(String text) {
        int end = Math.min(LONGEST, text.length());
        boolean halves = end < text.length() && Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end));
        return new String(text.substring(0, halves ? end - 1 : end).getBytes(UTF_8), UTF_8);
    }

    /** A file name decoded as UTF-8, with invalid bytes replaced. */
    static String decoded(String bytes) {
        return new String(bytes(bytes), UTF_8);
    }

    /** A command name, cut to 15 bytes and decoded as UTF-8. */
    static String command(String bytes) {
        return new String(Arrays.copyOf(bytes(bytes), Math.min(LONGEST_COMMAND, bytes.length())), UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    /** JSON with lone surrogates escaped. */
    static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
