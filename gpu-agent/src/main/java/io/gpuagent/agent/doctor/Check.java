package io.gpuagent.agent.doctor;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** One check of {@code doctor}. Running it may block forever; reading its findings never blocks. */
public interface Check {

    /** The name of the check. It is shown if the check has no findings. */
    String name();

    /** Runs the check and keeps what it reads. Called once, on a separate thread, which is abandoned if it hangs. */
    void run() throws Exception;

    /** The findings so far. Called by another thread once {@link #run} has returned or was abandoned. */
    List<Finding> findings();

    /** A check that reads a value once and evaluates it. */
    static <T> Check of(String name, Callable<T> read, Function<T, List<Finding>> judge) {
        CompletableFuture<T> seen = new CompletableFuture<>();
        return new Check() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void run() throws Exception {
                seen.complete(read.call());
            }

            @Override
            public List<Finding> findings() {
                return seen.isDone() ? judge.apply(seen.join()) : List.of();
            }
        };
    }
}
