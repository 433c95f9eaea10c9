package io.gpuagent.agent.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The example pipelines: each runs only on a tag, and pushes the image as {@code latest} and under that tag. */
class PipelinesTest {

    private static final Path ROOT = DeploymentFiles.ROOT.resolve("ci");

    @ParameterizedTest
    @CsvSource({
        "drone.yml, /trigger/event/0, tag",
        "drone.yml, /steps/0/settings/tags/0, latest",
        "drone.yml, /steps/0/settings/tags/1, ${DRONE_TAG}",
        "gitlab-ci.yml, /image/rules/0/if, $CI_COMMIT_TAG",
        "gitlab-ci.yml, /image/script/1, 'docker push \"$IMAGE:$CI_COMMIT_TAG\"'",
        "gitlab-ci.yml, /image/script/2, 'docker push \"$IMAGE:latest\"'",
        "github-actions.yml, /on/push/tags/0, *",
        "github-actions.yml, /jobs/image/steps/4/with/push, true",
        "github-actions.yml, /jobs/image/steps/4/with/platforms, 'linux/amd64,linux/arm64'",
    })
    void pipelinesPushOnlyOnATag(String file, String at, String expected) {
        assertEquals(expected, DeploymentFiles.yaml(ROOT.resolve(file)).at(at).asText());
    }

    @Test
    void githubPushesLatestAndTheTag() {
        JsonNode steps =
                DeploymentFiles.yaml(ROOT.resolve("github-actions.yml")).at("/jobs/image/steps");
        assertEquals(
                "${{ env.IMAGE }}:latest\n${{ env.IMAGE }}:${{ github.ref_name }}",
                steps.at("/4/with/tags").asText().strip());
    }

    @Test
    void referencedArgumentsAndFilesExist() {
        String dockerfile = DeploymentFiles.text(DeploymentFiles.ROOT.resolve("Dockerfile"));
        for (Path file : DeploymentFiles.below(ROOT)) {
            String pipeline = DeploymentFiles.text(file);
            assertTrue(pipeline.contains("docker/Dockerfile"), file.toString());
            Matcher argument = Pattern.compile("\\b([A-Z]+)=\"?\\$").matcher(pipeline);
            int found = 0;
            while (argument.find()) {
                found++;
                assertTrue(dockerfile.contains("\nARG " + argument.group(1) + "="), file + ": " + argument.group(1));
            }
            assertEquals(2, found, file.toString());
        }
    }
}
