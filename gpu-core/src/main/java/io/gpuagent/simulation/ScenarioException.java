package io.gpuagent.simulation;

/** A scenario that cannot be read; the message names the line and the reason. */
public final class ScenarioException extends Exception {

    private static final long serialVersionUID = 1L;

    ScenarioException(int line, String reason) {
        super("line " + line + ": " + reason);
    }
}
