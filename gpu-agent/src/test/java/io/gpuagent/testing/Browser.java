package io.gpuagent.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A headless Chromium with one tab, driven through the Chrome DevTools Protocol. */
public final class Browser implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final WebSocket socket;
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final AtomicInteger number = new AtomicInteger();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();

    private Browser(Process process, URI tab) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(tab, new Receiver())
                .join();
    }

    /** @param profile the browser's profile directory */
    public static Browser start(Path profile) throws IOException {
        Process process = new ProcessBuilder(
                        Requirement.CHROMIUM.path().toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--ignore-certificate-errors",
                        "--hide-scrollbars",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(profile.resolveSibling("chromium.log").toFile())
                .start();
        Path portFile = profile.resolve("DevToolsActivePort");
        Eventually.within(Duration.ofSeconds(60), "the browser listens", () -> lines(portFile) >= 2);
        int port = Integer.parseInt(Files.readAllLines(portFile).get(0));
        Browser browser = new Browser(process, tab(port));
        List.of("Page", "Runtime", "Network", "Log").forEach(domain -> browser.call(domain + ".enable", Map.of()));
        return browser;
    }

    private static long lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file).size() : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URI tab(int port) throws IOException {
        try (InputStream targets =
                URI.create("http://127.0.0.1:" + port + "/json").toURL().openStream()) {
            for (JsonNode target : JSON.readTree(targets)) {
                if (target.get("type").asText().equals("page")) {
                    return URI.create(target.get("webSocketDebuggerUrl").asText());
                }
            }
        }
        throw new IOException("the browser has no tab");
    }

    /** Sends a command of the protocol and returns its result. */
    public JsonNode call(String method, Map<String, ?> parameters) {
        int id = number.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        try {
            String command = JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters));
            socket.sendText(command, true).join();
            JsonNode response = answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (response.has("error")) {
                throw new AssertionError(method + ": " + response.get("error"));
            }
            return response.get("result");
        } catch (Exception e) {
            throw new AssertionError(method, e);
        }
    }

    public void open(String url) {
        call("Page.navigate", Map.of("url", url));
        await("the page", "document.readyState === 'complete' && location.href === '" + url + "'");
    }

    /** Evaluates a script, awaits its promise if it returns one, and returns the value. */
    public JsonNode evaluate(String script) {
        JsonNode result =
                call("Runtime.evaluate", Map.of("expression", script, "awaitPromise", true, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new AssertionError(script + ": " + result.get("exceptionDetails"));
        }
        return result.at("/result/value");
    }

    /** The text of the first element that a selector matches. */
    public String text(String selector) {
        return evaluate("document.querySelector('" + selector + "').textContent")
                .asText();
    }

    /** The text of each element that a selector matches. */
    public List<String> texts(String selector) {
        JsonNode texts = evaluate("[...document.querySelectorAll('" + selector + "')].map(one => one.textContent)");
        return StreamSupport.stream(texts.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** Whether the first element that a selector matches is visible. */
    public boolean shown(String selector) {
        return evaluate("document.querySelector('" + selector + "').checkVisibility()")
                .asBoolean();
    }

    /** The URLs that the browser has requested. */
    public List<String> requestedUrls() {
        return events("Network.requestWillBeSent").stream()
                .map(event -> event.at("/request/url").asText())
                .toList();
    }

    /** Script errors, console messages, dialogs and violations of the page's Content-Security-Policy. */
    public List<String> complaints() {
        return Stream.of(
                        "Runtime.exceptionThrown",
                        "Runtime.consoleAPICalled",
                        "Log.entryAdded",
                        "Page.javascriptDialogOpening")
                .flatMap(kind -> events(kind).stream())
                .map(JsonNode::toString)
                .toList();
    }

    /** Waits until a script's value is true. */
    public void await(String what, String script) {
        Eventually.within(Duration.ofSeconds(60), what, () -> evaluate(script).asBoolean());
    }

    /** Waits until the text of the first element that a selector matches contains the given text. */
    public void awaitText(String selector, String text) {
        await(text, "document.querySelector('" + selector + "').textContent.includes('" + text + "')");
    }

    /** Presses and releases a key. */
    public void press(String key, String text) {
        Map<String, Object> down = Map.of("type", "keyDown", "key", key, "code", key, "text", text);
        call("Input.dispatchKeyEvent", down);
        call("Input.dispatchKeyEvent", Map.of("type", "keyUp", "key", key, "code", key));
    }

    /** @param scheme {@code light} or {@code dark} */
    public void prefer(String scheme) {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    }

    public void size(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** A screenshot of the visible part of the page, as PNG. */
    public byte[] screenshot() {
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", Map.of("format", "png"))
                        .get("data")
                        .asText());
    }

    /** The parameters of all events of one kind since the browser was started. */
    public List<JsonNode> events(String method) {
        return events.stream()
                .filter(event -> event.get("method").asText().equals(method))
                .map(event -> event.get("params"))
                .toList();
    }

    @Override
    public void close() {
        socket.sendText("{\"id\":0,\"method\":\"Browser.close\"}", true);
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                process.waitFor();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        socket.abort();
    }

    private final class Receiver implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                take(message.toString());
                message.setLength(0);
            }
            from.request(1);
            return null;
        }

        private void take(String text) {
            try {
                JsonNode received = JSON.readTree(text);
                CompletableFuture<JsonNode> pending =
                        answers.remove(received.path("id").asInt());
                if (pending != null) {
                    pending.complete(received);
                } else if (received.has("method")) {
                    events.add(received);
                }
            } catch (JsonProcessingException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
