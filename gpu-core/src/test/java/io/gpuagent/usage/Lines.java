package io.gpuagent.usage;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** A log that is kept in memory. */
final class Lines implements System.Logger {

    private final List<String> said = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();

    List<String> said() {
        return said;
    }

    List<Level> levels() {
        return levels;
    }

    @Override
    public String getName() {
        return "lines";
    }

    @Override
    public boolean isLoggable(Level level) {
        return true;
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle bundle, String text, @Nullable Throwable thrown) {
        levels.add(level);
        said.add(text);
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle bundle, String text, @Nullable Object... values) {
        log(level, bundle, text, (Throwable) null);
    }
}
