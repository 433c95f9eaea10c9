package io.gpuagent.agent.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A configuration file: {@code name=value} lines, named as the flags are, with {@code #} comment lines and blank lines. */
final class ConfigFile {

    private ConfigFile() {}

    static String read(FlagValues.Value file) throws UsageException {
        try {
            return Files.readString(Path.of(file.text()));
        } catch (NoSuchFileException e) {
            throw file.refused("does not exist");
        } catch (CharacterCodingException e) {
            throw file.refused("is not a text in UTF-8");
        } catch (IOException | InvalidPathException e) {
            throw file.refused("cannot be read: " + e);
        }
    }

    /** The values that the text sets, each with its place. */
    static Map<Flag, FlagValues.Value> parse(String name, String text) throws UsageException {
        Map<Flag, FlagValues.Value> values = new EnumMap<>(Flag.class);
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                add(values, name + ":" + (i + 1), line);
            }
        }
        return values;
    }

    private static void add(Map<Flag, FlagValues.Value> values, String place, String line) throws UsageException {
        int equals = line.indexOf('=');
        if (equals < 0) {
            throw new UsageException(place + ": '" + line + "' is not a line such as log.level=debug");
        }
        String key = line.substring(0, equals).strip();
        Flag flag = Flag.ofKey(key)
                .filter(known -> known != Flag.CONFIG)
                .orElseThrow(() -> new UsageException(place + ": nothing is called '" + key + "'"));
        String value = line.substring(equals + 1).strip();
        if (values.put(flag, new FlagValues.Value(place + ": " + key, value)) != null) {
            throw new UsageException(place + ": " + key + " is set a second time");
        }
    }
}
