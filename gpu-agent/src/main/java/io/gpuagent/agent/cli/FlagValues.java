package io.gpuagent.agent.cli;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** The text of each flag that is set, and its origin. The command line overrides the environment, which overrides the file. */
record FlagValues(Map<Flag, Value> values) {

    /**
     * The text of a flag and its origin.
     *
     * @param origin the flag, the variable, or the file's line
     */
    record Value(String origin, String text) {

        UsageException refused(String why) {
            return new UsageException(origin + ": '" + text + "' " + why);
        }
    }

    /**
     * The values of all flags, from the command line, the environment and, if one of these sets {@code --config}, the
     * configuration file.
     */
    static FlagValues of(ParseResult parsed, Map<String, String> environment) throws UsageException {
        Map<Flag, Value> explicit = explicit(parsed, environment);
        Value file = explicit.getOrDefault(Flag.CONFIG, new Value("", ""));
        Map<Flag, Value> all = file.text().isEmpty() ? new EnumMap<>(Flag.class) : ConfigFile.read(file);
        all.putAll(explicit);
        return new FlagValues(all);
    }

    /** The values from the command line and the environment. An empty variable sets nothing. A flag after the command overrides one before it. */
    private static Map<Flag, Value> explicit(ParseResult parsed, Map<String, String> environment) {
        Map<Flag, Value> explicit = new EnumMap<>(Flag.class);
        for (Flag flag : Flag.values()) {
            String variable = environment.getOrDefault(flag.variable(), "");
            if (flag.isGlobal() && !variable.isEmpty()) {
                explicit.put(flag, new Value(flag.variable(), variable));
            }
            for (CommandLine level : parsed.asCommandLineList()) {
                String given = level.getParseResult().matchedOptionValue(flag.option(), (String) null);
                if (given != null) {
                    explicit.put(flag, new Value(flag.option(), given));
                }
            }
        }
        return explicit;
    }

    Value get(Flag flag) {
        return values.getOrDefault(flag, new Value(flag.option(), flag.defaultValue));
    }

    /** Whether the flag is set or has a default. */
    boolean has(Flag flag) {
        return !get(flag).text().isEmpty();
    }

    /**
     * The flag's value.
     *
     * @param reader parses the value. It throws an {@link IllegalArgumentException} whose message follows the value in the error, such as
     *     "is too short"
     */
    <T> T read(Flag flag, Function<String, T> reader) throws UsageException {
        Value value = get(flag);
        try {
            return reader.apply(value.text());
        } catch (IllegalArgumentException e) {
            throw value.refused(String.valueOf(e.getMessage()));
        }
    }

    /** The flag's value, which must be one of the words of its form. */
    String word(Flag flag) throws UsageException {
        Value value = get(flag);
        if (!List.of(flag.form.split("\\|")).contains(value.text())) {
            throw value.refused("is not one of " + flag.form.replace("|", ", "));
        }
        return value.text();
    }

    boolean isOn(Flag flag) throws UsageException {
        return Boolean.parseBoolean(word(flag));
    }

    /** The enum constant that the flag's value names. The words of the flag's form are the constants' names in lower case. */
    <E extends Enum<E>> E choose(Flag flag, Class<E> type) throws UsageException {
        return Enum.valueOf(type, word(flag).toUpperCase(Locale.ROOT));
    }
}
