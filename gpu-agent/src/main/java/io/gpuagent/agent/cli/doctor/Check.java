package io.gpuagent.agent.cli.doctor;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Something that is looked at. To look may take for ever; to judge what was seen takes no time. */
public interface Check {

    /** The thing, in a word, for where nothing was found of it. */
    String name();

    /** Looks, and keeps what it sees. Called once, on a thread of its own, which is left behind if it hangs. */
    void look() throws Exception;

    /** What has been seen; none for what could not be seen. Called by another thread once the look has ended or is given up. */
    List<Finding> findings();

    /** A check that reads once and judges what it has read. */
    static <T> Check of(String name, Callable<T> read, Function<T, List<Finding>> judge) {
        CompletableFuture<T> seen = new CompletableFuture<>();
        return new Check() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void look() throws Exception {
                seen.complete(read.call());
            }

            @Override
            public List<Finding> findings() {
                return seen.isDone() ? judge.apply(seen.join()) : List.of();
            }
        };
    }
}
