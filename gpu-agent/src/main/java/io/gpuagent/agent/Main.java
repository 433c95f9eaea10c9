package io.gpuagent.agent;

import io.gpuagent.agent.cli.HostName;
import io.gpuagent.agent.cli.Invocation;
import java.util.List;

/** Where the agent starts. */
public final class Main {

    private Main() {}

    public static void main(String[] args) {
        Invocation invocation = Invocation.of(List.of(args), System.getenv(), HostName::read);
        if (invocation instanceof Invocation.Answer answer) {
            System.out.print(answer.text());
        } else if (invocation instanceof Invocation.Refusal refusal) {
            System.err.println(refusal.line());
            System.exit(Invocation.USAGE_ERROR);
        }
    }
}
