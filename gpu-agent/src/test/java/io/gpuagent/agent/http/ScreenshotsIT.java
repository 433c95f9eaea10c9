package io.gpuagent.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.testing.AgentProcess;
import io.gpuagent.testing.Browser;
import io.gpuagent.testing.Eventually;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The screenshots of the status page. {@code gpu-agent/src/test/screenshots} writes them to docker/screenshots. */
class ScreenshotsIT {

    private static final int WIDTH = 1280;
    private static final int HEIGHT = 1240;

    /**
     * Minutes that the agent runs before the screenshots are taken. In a normal build this is 0, and the screenshots
     * are discarded.
     */
    private static final int MINUTES = Integer.getInteger("screenshots.minutes", 0);

    @TempDir
    Path directory;

    @Test
    void screenshotsShowEveryWorkloadAndTheChartsInBothColorSchemes() throws IOException {
        int port = MINUTES > 0 ? 9900 : AgentProcess.freePort();
        List<String> command =
                List.of("target/gpu-agent", "--backend=simulated", "--web.listen-address=127.0.0.1:" + port);
        try (AgentProcess agent = AgentProcess.of(command, port);
                Browser browser = Browser.start(Files.createDirectory(directory.resolve("profile")))) {
            Eventually.pause(Duration.ofMinutes(MINUTES));
            browser.size(WIDTH, HEIGHT);
            for (String scheme : List.of("light", "dark")) {
                browser.prefer(scheme);
                browser.open("http://127.0.0.1:" + agent.port() + "/");
                browser.await("workloads", "document.querySelectorAll('#rows tr').length >= 8");
                browser.await("charts", "document.querySelectorAll('.plot canvas').length === 3");
                browser.await("legends", "document.querySelectorAll('.charts .legend').length === 3");
                int end = browser.evaluate(
                                "Math.ceil(document.querySelector('.charts').getBoundingClientRect().bottom)")
                        .asInt();
                assertTrue(end < HEIGHT, "the charts end at " + end);
                browser.size(WIDTH, end + 16);
                byte[] png = browser.screenshot();
                BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
                assertEquals(WIDTH, image.getWidth());
                assertEquals(scheme.equals("dark"), (image.getRGB(2, 2) & 0xff) < 128, scheme);
                if (MINUTES > 0) {
                    Files.write(Path.of("..", "docker", "screenshots", scheme + ".png"), png);
                }
            }
        }
    }
}
