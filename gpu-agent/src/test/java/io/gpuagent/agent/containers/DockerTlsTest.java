package io.gpuagent.agent.containers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gpuagent.retry.Backoff;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DockerTlsTest {

    private static final String VERSION = "{\"Version\":\"28\",\"ApiVersion\":\"1.41\"}";

    @TempDir
    private Path directory;

    private byte[] key;

    @BeforeEach
    void makeCertificates() throws Exception {
        Path store = directory.resolve("store.p12");
        keytool(
                "-genkeypair",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "san=ip:127.0.0.1",
                "-alias",
                "a",
                "-storetype",
                "PKCS12",
                "-storepass",
                "secret",
                "-keystore",
                store.toString());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        key = keys.getKey("a", "secret".toCharArray()).getEncoded();
        Certificate certificate = keys.getCertificate("a");
        write("cert.pem", "CERTIFICATE", certificate.getEncoded());
        write("ca.pem", "CERTIFICATE", certificate.getEncoded());
        write("key.pem", "PRIVATE KEY", key);
    }

    @Test
    void bothSidesAuthenticate() throws Exception {
        assertEquals("Docker Engine 28", probeOverTls());
    }

    @Test
    void aDaemonOfAnotherAuthorityIsNotTrusted() throws Exception {
        try (SSLServerSocket server = serve()) {
            makeCertificates();
            assertTrue(probe(server).contains("TLS failed"), probe(server));
        }
    }

    @Test
    void aCertificateOfAnotherHostIsNotTrusted() throws Exception {
        try (SSLServerSocket server = serve();
                DockerSource source = source("localhost", server.getLocalPort(), Duration.ofSeconds(5))) {
            String text = source.examine().get(0).text();
            assertTrue(text.contains("TLS failed"), text);
        }
    }

    @Test
    void aHandshakeThatHangsIsAbandonedAndItsConnectionIsClosed() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                DockerSource source = source("127.0.0.1", server.getLocalPort(), Duration.ofSeconds(1))) {
            String text = source.examine().get(0).text();
            assertTrue(text.contains("timed out"), text);
            try (Socket connection = server.accept()) {
                connection.setSoTimeout(5_000);
                byte[] received = connection.getInputStream().readAllBytes();
                assertEquals(22, received[0], "the type of a handshake record");
            }
        }
    }

    @Test
    void aMissingFileIsNamed() throws Exception {
        Files.delete(directory.resolve("key.pem"));
        try (DockerSource source = source(1)) {
            String text = source.examine().get(0).text();
            assertTrue(text.contains("key.pem"), text);
        }
    }

    @Test
    void aKeyWithAPasswordIsRefused() throws Exception {
        write("key.pem", "ENCRYPTED PRIVATE KEY", key);
        try (DockerSource source = source(1)) {
            String text = source.examine().get(0).text();
            assertTrue(text.contains("Private key is encrypted"), text);
        }
    }

    private String probeOverTls() throws Exception {
        try (SSLServerSocket server = serve()) {
            return probe(server).split(" at ")[0];
        }
    }

    private String probe(SSLServerSocket server) throws InterruptedException {
        try (DockerSource source = source(server.getLocalPort())) {
            return source.examine().get(0).text();
        }
    }

    private DockerSource source(int port) {
        return source("127.0.0.1", port, Duration.ofSeconds(5));
    }

    private DockerSource source(String host, int port, Duration deadline) {
        Map<String, String> environment = Map.of("DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", directory.toString());
        return new DockerSource(
                DockerEndpoints.of("tcp://" + host + ":" + port, environment, Path.of("/")), deadline, Backoff.DEFAULT);
    }

    private SSLServerSocket serve() throws Exception {
        SSLServerSocket server = (SSLServerSocket)
                new DockerTls(directory).context().getServerSocketFactory().createServerSocket(0);
        server.setNeedClientAuth(true);
        Thread thread = new Thread(() -> answer(server), "tls-stub");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    private static void answer(SSLServerSocket server) {
        try (SSLSocket connection = (SSLSocket) server.accept()) {
            var in = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.US_ASCII));
            while (!in.readLine().isEmpty()) {
                continue;
            }
            connection
                    .getOutputStream()
                    .write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + VERSION.length()
                                    + "\r\n\r\n" + VERSION)
                            .getBytes(StandardCharsets.US_ASCII));
            connection.getOutputStream().flush();
        } catch (IOException e) {
            // the client did not trust the server
        }
    }

    private void write(String file, String type, byte[] der) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(
                directory.resolve(file), "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }

    private static void keytool(String... arguments) throws Exception {
        Path keystore = Path.of(arguments[arguments.length - 1]);
        Files.deleteIfExists(keystore);
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }
}
