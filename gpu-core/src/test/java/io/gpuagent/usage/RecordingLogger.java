package io.gpuagent.usage;

import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** A logger that records its messages. */
final class RecordingLogger implements System.Logger {

    private final List<String> messages = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();

    List<String> messages() {
        return messages;
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
        messages.add(text);
    }

    @Override
    public void log(Level level, @Nullable ResourceBundle bundle, String text, @Nullable Object... values) {
        log(level, bundle, text, (Throwable) null);
    }
}
