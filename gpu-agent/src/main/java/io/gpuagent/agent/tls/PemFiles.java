package io.gpuagent.agent.tls;

import io.airlift.security.pem.PemReader;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Reads PEM files into what an SSL context needs. All methods throw an {@link IOException} if a file cannot be used. Its message is the
 * reason; the caller adds which setting names the file.
 */
public final class PemFiles {

    private PemFiles() {}

    /** Reads a certificate with its chain, and its private key, which must not be encrypted. Both may be in the same file. */
    public static KeyManager[] keys(Path certificate, Path key) throws IOException {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(PemReader.loadKeyStore(certificate.toFile(), key.toFile(), Optional.empty()), new char[0]);
            return keys.getKeyManagers();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Reads the trusted certificate authorities. The file must contain at least one. */
    public static TrustManager[] authorities(Path file) throws IOException {
        try {
            KeyStore authorities = KeyStore.getInstance(KeyStore.getDefaultType());
            authorities.load(null, null);
            for (X509Certificate authority : PemReader.readCertificateChain(file.toFile())) {
                // Numbered, because a certificate authority and its successor may have the same name.
                authorities.setCertificateEntry(Integer.toString(authorities.size()), authority);
            }
            if (authorities.size() == 0) {
                throw new IOException("no certificate");
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            return trust.getTrustManagers();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Creates an SSL context for TLS 1.2 and 1.3.
     *
     * @param keys null for a client without a certificate
     * @param trust null to trust the default certificate authorities of the JVM
     */
    public static SSLContext context(KeyManager @Nullable [] keys, TrustManager @Nullable [] trust) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }
}
