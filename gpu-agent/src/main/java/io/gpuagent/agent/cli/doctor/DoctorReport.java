package io.gpuagent.agent.cli.doctor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpuagent.agent.cli.TerminalText;
import io.gpuagent.agent.cli.doctor.Finding.Verdict;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Findings as they are shown. */
@JsonPropertyOrder({"verdict", "findings"})
record DoctorReport(List<Finding> findings) {

    /** The worst of all. */
    @JsonProperty
    Verdict verdict() {
        return findings.stream()
                .map(Finding::verdict)
                .max(Comparator.naturalOrder())
                .orElse(Verdict.OK);
    }

    /** A line for each, and below it how to mend it. Texts are escaped, so that they cannot act on a terminal. */
    String text() {
        int width = findings.stream()
                .mapToInt(finding -> finding.check().length())
                .max()
                .orElse(0);
        String form = "%-7s  %-" + (width + 2) + "s%s%n";
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            String verdict = finding.verdict().word();
            text.append(
                    String.format(Locale.ROOT, form, verdict, finding.check(), TerminalText.escape(finding.text())));
            if (!finding.mend().isEmpty()) {
                text.append(String.format(Locale.ROOT, form, "", "", "mend: " + TerminalText.escape(finding.mend())));
            }
        }
        return text.append('\n').append(summary()).append('\n').toString();
    }

    private String summary() {
        return switch (verdict()) {
            case OK -> "gpu-agent works here.";
            case LIMITED -> "gpu-agent works here, with limits.";
            case BROKEN -> "gpu-agent cannot tell here which workload uses which GPU.";
        };
    }

    /** One line, with its end. */
    String json() {
        try {
            return new ObjectMapper().writeValueAsString(this) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
