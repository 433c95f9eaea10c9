package io.gpuagent.simulation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One line of a scenario, cut into its keyword, operands and keys. Reading a key takes note of it, so that unknown ones can be told. */
final class Statement {

    private final int line;
    private final String keyword;
    private final List<String> operands = new ArrayList<>();
    private final Map<String, String> values = new LinkedHashMap<>();
    private final Set<String> read = new HashSet<>();

    private Statement(int line, List<Word> words) throws ScenarioException {
        this.line = line;
        this.keyword = words.get(0).text();
        for (Word word : words.subList(1, words.size())) {
            if (word.equals() < 0) {
                operands.add(word.text());
            } else if (values.put(word.key(), word.value()) != null) {
                throw error("the key " + word.key() + " appears twice");
            }
        }
    }

    /** A word with the place of its first unquoted equals sign, -1 if there is none. */
    private record Word(String text, int equals) {

        String key() {
            return text.substring(0, equals);
        }

        String value() {
            return text.substring(equals + 1);
        }
    }

    /** The statement on a line of text; empty for a blank line or a comment. */
    static Optional<Statement> parse(int line, String text) throws ScenarioException {
        List<Word> words = new ArrayList<>();
        int at = 0;
        while (at < text.length() && text.charAt(at) != '#') {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else {
                at = word(line, text, at, words);
            }
        }
        return words.isEmpty() ? Optional.empty() : Optional.of(new Statement(line, words));
    }

    private static int word(int line, String text, int from, List<Word> words) throws ScenarioException {
        Bytes bytes = new Bytes();
        int equals = -1;
        int at = from;
        boolean quoted = false;
        for (; at < text.length() && (quoted || !Character.isWhitespace(text.charAt(at))); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                quoted = !quoted;
            } else if (quoted && c == '\\') {
                at = escape(line, text, at + 1, bytes);
            } else {
                if (c == '=' && equals < 0 && !quoted) {
                    equals = bytes.text().length();
                }
                bytes.add(c);
            }
        }
        if (quoted) {
            throw new ScenarioException(line, "a quote is not closed");
        }
        words.add(new Word(bytes.text(), equals));
        return at;
    }

    /** Reads the escape behind a backslash; returns the place of its last character. */
    private static int escape(int line, String text, int at, Bytes bytes) throws ScenarioException {
        char c = at < text.length() ? text.charAt(at) : ' ';
        switch (c) {
            case '"', '\\' -> bytes.add(c);
            case 'n' -> bytes.add('\n');
            case 't' -> bytes.add('\t');
            case 'x' -> {
                bytes.add(hex(line, text, at + 1));
                return at + 2;
            }
            default -> throw new ScenarioException(line, "unknown escape \\" + c);
        }
        return at;
    }

    private static byte hex(int line, String text, int at) throws ScenarioException {
        try {
            return (byte) Integer.parseInt(text, at, at + 2, 16);
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new ScenarioException(line, "\\x needs two hexadecimal digits");
        }
    }

    /** Text and single bytes in the order they came, as UTF-8 with replacement. */
    private static final class Bytes {

        private final List<byte[]> parts = new ArrayList<>();
        private final StringBuilder pending = new StringBuilder();

        void add(char c) {
            pending.append(c);
        }

        void add(byte b) {
            flush();
            parts.add(new byte[] {b});
        }

        String text() {
            flush();
            ByteBuffer all = ByteBuffer.allocate(
                    parts.stream().mapToInt(part -> part.length).sum());
            parts.forEach(all::put);
            return new String(all.array(), StandardCharsets.UTF_8);
        }

        private void flush() {
            parts.add(pending.toString().getBytes(StandardCharsets.UTF_8));
            pending.setLength(0);
        }
    }

    int line() {
        return line;
    }

    String keyword() {
        return keyword;
    }

    /** The only operand, which a statement of this keyword needs. */
    String operand(String what) throws ScenarioException {
        if (operands.size() != 1) {
            throw error(keyword + " needs " + what + ", and nothing else without a key");
        }
        return operands.get(0);
    }

    void noOperand() throws ScenarioException {
        if (!operands.isEmpty()) {
            throw error(keyword + " takes keys only, not " + operands.get(0));
        }
    }

    Set<String> keys() {
        return Collections.unmodifiableSet(values.keySet());
    }

    Optional<String> text(String key) {
        read.add(key);
        return Optional.ofNullable(values.get(key));
    }

    String required(String key) throws ScenarioException {
        return text(key).orElseThrow(() -> error(keyword + " needs the key " + key));
    }

    /** The values whose keys begin with the prefix, by the rest of the key. */
    Map<String, String> prefixed(String prefix) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String key : values.keySet()) {
            if (key.startsWith(prefix)) {
                read.add(key);
                found.put(key.substring(prefix.length()), values.get(key));
            }
        }
        return found;
    }

    /** Fails if a key was written that nobody asked for. */
    void nothingElse() throws ScenarioException {
        for (String key : values.keySet()) {
            if (!read.contains(key)) {
                throw error("unknown key " + key + " of " + keyword);
            }
        }
    }

    ScenarioException error(String reason) {
        return new ScenarioException(line, reason);
    }
}
