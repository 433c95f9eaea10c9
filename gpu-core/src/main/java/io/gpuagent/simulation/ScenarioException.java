package io.gpuagent.simulation;

/** Thrown when a scenario cannot be parsed. The message contains the line number and the reason. */
public final class ScenarioException extends Exception {

    private static final long serialVersionUID = 1L;

    ScenarioException(int line, String reason) {
        super("line " + line + ": " + reason);
    }
}
