package io.gpuagent.agent.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.agent.deployment.DeploymentFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Checks that the README is short and that every relative link and anchor in the documents resolves. */
class LinksTest {

    private static final int README_BYTES = 10 * 1024;

    @Test
    void readmeIsShort() throws IOException {
        long size = Files.size(Documents.ROOT.resolve("README.md"));
        assertTrue(size <= README_BYTES, "README.md has " + size + " bytes, " + README_BYTES + " at most");
    }

    @Test
    void everyRelativeLinkAndAnchorResolves() {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : Documents.all()) {
            for (String link : Markdown.of(DeploymentFiles.text(document)).links()) {
                if (!link.matches("[a-z]+:.*")) {
                    links++;
                    if (!resolves(document, link)) {
                        broken.add(Documents.name(document) + ": " + link);
                    }
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links > 50, links + " links");
    }

    private static boolean resolves(Path document, String link) {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty()
                ? document
                : document.resolveSibling(parts[0]).normalize();
        if (!target.startsWith(Documents.ROOT) || !Files.exists(target)) {
            return false;
        }
        return parts.length == 1
                || target.toString().endsWith(".md")
                        && Markdown.of(DeploymentFiles.text(target)).anchors().contains(parts[1]);
    }

    @Test
    void everyDocumentCanBeReachedFromTheReadme() {
        Set<Path> reached = new TreeSet<>();
        reach(Documents.ROOT.resolve("README.md"), reached);
        Set<Path> lost = new TreeSet<>(Documents.all());
        lost.removeAll(reached);
        assertEquals(Set.of(), lost);
    }

    private static void reach(Path document, Set<Path> reached) {
        if (document.toString().endsWith(".md") && Files.exists(document) && reached.add(document)) {
            Markdown.of(DeploymentFiles.text(document)).links().stream()
                    .filter(link -> !link.matches("[a-z]+:.*") && !link.startsWith("#"))
                    .forEach(link ->
                            reach(document.resolveSibling(link.split("#", 2)[0]).normalize(), reached));
        }
    }

    @Test
    void anchorsFollowTheRulesOfGitHub() {
        String text = """
                # `used_gpu_memory`
                ## TLS and users
                ## TLS and users
                ## Don't: [a *link*](b.md#c), 100 %
                ```sh
                # no heading [no link](x.md)
                ```
                    # no heading either
                A [link](a.md "title"), `[code](b.md)` and <img src="c.png">.
                """;
        assertEquals(
                List.of("used_gpu_memory", "tls-and-users", "tls-and-users-1", "dont-a-link-100-"),
                Markdown.of(text).anchors());
        assertEquals(List.of("b.md#c", "a.md", "c.png"), Markdown.of(text).links());
    }
}
