package io.gpuagent.agent.cli;

import java.util.EnumMap;
import java.util.Map;
import java.util.function.Function;

/** The text that every flag has, and where it was said. The command line goes before the environment, that before the file. */
final class FlagValues {

    /**
     * A text and its origin.
     *
     * @param origin the flag, the variable, or the file's line
     */
    record Value(String origin, String text) {

        UsageException refused(String why) {
            return new UsageException(origin + ": '" + text + "' " + why);
        }
    }

    private final Map<Flag, Value> values;

    private FlagValues(Map<Flag, Value> values) {
        this.values = values;
    }

    static FlagValues of(Arguments arguments, Map<String, String> environment) throws UsageException {
        Map<Flag, Value> said = new EnumMap<>(Flag.class);
        for (Flag flag : Flag.values()) {
            String variable = environment.getOrDefault(flag.variable(), "");
            if (flag.isGlobal() && !variable.isEmpty()) {
                said.put(flag, new Value(flag.variable(), variable));
            }
        }
        arguments.values().forEach((flag, text) -> said.put(flag, new Value(flag.option(), text)));
        Value file = said.get(Flag.CONFIG);
        Map<Flag, Value> all = new EnumMap<>(Flag.class);
        if (file != null && !file.text().isEmpty()) {
            all.putAll(ConfigFile.parse(file.text(), ConfigFile.read(file)));
        }
        all.putAll(said);
        return new FlagValues(all);
    }

    Value get(Flag flag) {
        return values.getOrDefault(flag, new Value(flag.option(), flag.defaultValue()));
    }

    /** Whether the flag has a text, be it said or by default. */
    boolean has(Flag flag) {
        return !get(flag).text().isEmpty();
    }

    /**
     * The flag's value.
     *
     * @param reader throws an {@link IllegalArgumentException} whose message goes on after the text, such as "is too short"
     */
    <T> T read(Flag flag, Function<String, T> reader) throws UsageException {
        Value value = get(flag);
        try {
            return reader.apply(value.text());
        } catch (IllegalArgumentException e) {
            throw value.refused(String.valueOf(e.getMessage()));
        }
    }
}
