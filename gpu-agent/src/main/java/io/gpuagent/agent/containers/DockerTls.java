package io.gpuagent.agent.containers;

import com.github.dockerjava.transport.SSLConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContexts;

/**
 * The client's side of Docker's TLS: ca.pem, cert.pem and key.pem of a directory, read anew for each connection. The key is RSA or
 * EC in PKCS #8 without a password, as OpenSSL 3 writes it.
 */
record DockerTls(Path directory) implements SSLConfig {

    private static final Pattern KEY = Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");
    private static final String NO_PASSWORD = "";

    @Override
    public SSLContext getSSLContext() throws KeyStoreException {
        try {
            return SSLContexts.custom()
                    .loadKeyMaterial(ownKey(), NO_PASSWORD.toCharArray())
                    .loadTrustMaterial(authorities(), null)
                    .build();
        } catch (GeneralSecurityException e) {
            throw new KeyStoreException(directory + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KeyStore ownKey() throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        PrivateKey key = key(Files.readString(directory.resolve("key.pem"), StandardCharsets.US_ASCII));
        store.setKeyEntry("own", key, NO_PASSWORD.toCharArray(), certificates("cert.pem"));
        return store;
    }

    private KeyStore authorities() throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        for (Certificate certificate : certificates("ca.pem")) {
            store.setCertificateEntry("ca" + store.size(), certificate);
        }
        return store;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private Certificate[] certificates(String file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(directory.resolve(file))) {
            return CertificateFactory.getInstance("X.509")
                    .generateCertificates(in)
                    .toArray(Certificate[]::new);
        }
    }

    static PrivateKey key(String pem) throws GeneralSecurityException {
        Matcher matcher = KEY.matcher(pem);
        if (!matcher.find()) {
            throw new InvalidKeySpecException("key.pem is not in PKCS #8 without a password:"
                    + " convert it by openssl pkcs8 -topk8 -nocrypt -in key.pem");
        }
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1)));
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        } catch (InvalidKeySpecException notRsa) {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        }
    }
}
