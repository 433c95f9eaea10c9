package io.gpuagent.agent.http;

import io.gpuagent.agent.tls.PemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The TLS section of a web config file, for TLS 1.2 and 1.3. File names are relative to the directory of the web config file. */
record TlsSection(
        @Nullable String certFile,
        @Nullable String keyFile,
        @Nullable String clientAuthType,
        @Nullable String clientCaFile,
        @Nullable String minVersion,
        @Nullable String maxVersion,
        @Nullable List<String> cipherSuites,
        @Nullable Boolean preferServerCipherSuites) {

    private static final List<String> VERSIONS = List.of("TLS12", "TLS13");

    /** Client authentication policies, named as in Go's crypto/tls, and one former name of Prometheus exporters. */
    private enum ClientAuth {
        NoClientCert,
        RequestClientCert,
        RequireClientCert,
        RequireAnyClientCert,
        VerifyClientCertIfGiven,
        RequireAndVerifyClientCert;

        boolean required() {
            return name().startsWith("Require");
        }

        boolean verified() {
            return name().contains("Verify");
        }
    }

    /** The files to watch for changes. */
    Stream<String> files() {
        return Stream.of(certFile, keyFile, clientCaFile).filter(Objects::nonNull);
    }

    /**
     * Reads the certificates and builds the server's TLS configuration.
     *
     * @throws IOException if the section or one of its files cannot be used; the message says why
     */
    Tls read(Path directory) throws IOException {
        // Reject renegotiation, because a handshake costs the server more than the client. The JDK reads the property
        // once, when the first TLS engine is created.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        KeyManager[] keys = keys(file(certFile, "cert_file", directory), file(keyFile, "key_file", directory));
        ClientAuth auth = clientAuth();
        SSLContext context = PemFiles.context(keys, trust(auth, directory));
        return new Tls(context, parameters(auth, context));
    }

    private static Path file(@Nullable String name, String field, Path directory) throws IOException {
        if (name == null || name.isEmpty()) {
            throw new IOException("tls_server_config has no " + field);
        }
        Path file = directory.resolve(name);
        if (!Files.isReadable(file)) {
            throw new IOException(field + " " + file + " cannot be read");
        }
        return file;
    }

    private static KeyManager[] keys(Path certificate, Path key) throws IOException {
        try {
            return PemFiles.keys(certificate, key);
        } catch (IOException e) {
            throw new IOException(
                    "cert_file " + certificate + " and key_file " + key + " cannot be used: " + e.getMessage(), e);
        }
    }

    private ClientAuth clientAuth() throws IOException {
        String name = clientAuthType == null || clientAuthType.isEmpty() ? "NoClientCert" : clientAuthType;
        ClientAuth auth = Stream.of(ClientAuth.values())
                .filter(value -> value.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IOException("Invalid ClientAuth: " + name));
        if (clientCaFile != null && auth == ClientAuth.NoClientCert) {
            throw new IOException("Client CA's have been configured without a Client Auth Policy");
        }
        return auth;
    }

    /** The trust managers; null to trust the default certificate authorities of the JVM. */
    private TrustManager @Nullable [] trust(ClientAuth auth, Path directory) throws IOException {
        if (!auth.verified()) {
            return new TrustManager[] {new AcceptAnyCertificate()};
        }
        if (clientCaFile == null) {
            return null;
        }
        Path file = file(clientCaFile, "client_ca_file", directory);
        try {
            return PemFiles.authorities(file);
        } catch (IOException e) {
            throw new IOException("client_ca_file " + file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private SSLParameters parameters(ClientAuth auth, SSLContext context) throws IOException {
        SSLParameters parameters = context.getDefaultSSLParameters();
        parameters.setProtocols(protocols());
        parameters.setUseCipherSuitesOrder(!Boolean.FALSE.equals(preferServerCipherSuites));
        parameters.setCipherSuites(
                cipherSuites == null || cipherSuites.isEmpty() ? defaults(context) : suites(cipherSuites, context));
        if (auth.required()) {
            parameters.setNeedClientAuth(true);
        } else {
            parameters.setWantClientAuth(auth != ClientAuth.NoClientCert);
        }
        return parameters;
    }

    private String[] protocols() throws IOException {
        int lowest = version(minVersion, "min_version", 0);
        int highest = version(maxVersion, "max_version", VERSIONS.size() - 1);
        if (lowest > highest) {
            throw new IOException("min_version is above max_version");
        }
        return VERSIONS.subList(lowest, highest + 1).stream()
                .map(name -> name.replace("TLS1", "TLSv1."))
                .toArray(String[]::new);
    }

    private static int version(@Nullable String name, String field, int usual) throws IOException {
        if (name == null || name.isEmpty()) {
            return usual;
        }
        if (!VERSIONS.contains(name)) {
            throw new IOException(field + " " + name + " is not one of " + VERSIONS);
        }
        return VERSIONS.indexOf(name);
    }

    /** The JDK's default cipher suites, without those that use CBC mode and those that lack forward secrecy. */
    private static String[] defaults(SSLContext context) {
        return Stream.of(context.getDefaultSSLParameters().getCipherSuites())
                .filter(suite -> suite.matches("TLS_(AES|CHACHA20|(EC)?DHE_).*_(GCM|POLY1305)_SHA\\d+"))
                .toArray(String[]::new);
    }

    /** The configured cipher suites of TLS 1.2, and all of TLS 1.3, which cannot be configured, as in Go. */
    private static String[] suites(List<String> chosen, SSLContext context) throws IOException {
        List<String> supported =
                Arrays.asList(context.getSupportedSSLParameters().getCipherSuites());
        for (String suite : chosen) {
            if (!supported.contains(suite)) {
                throw new IOException("unknown cipher: " + suite);
            }
        }
        List<String> suites = new ArrayList<>(chosen);
        supported.stream()
                .filter(suite -> suite.startsWith("TLS_AES_") || suite.startsWith("TLS_CHACHA20_"))
                .forEach(suites::add);
        return suites.toArray(String[]::new);
    }

    /** Accepts every client certificate, for policies that request one without verifying it. */
    private static final class AcceptAnyCertificate implements X509TrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
