package io.gpuagent.agent.containers;

import com.github.dockerjava.transport.SSLConfig;
import io.airlift.security.pem.PemReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStoreException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.apache.hc.core5.ssl.SSLContexts;

/** Docker's client TLS: ca.pem, cert.pem and key.pem in a directory, read again for each connection. The key must not be encrypted. */
record DockerTls(Path directory) implements SSLConfig {

    @Override
    public SSLContext getSSLContext() throws KeyStoreException {
        try {
            return SSLContexts.custom()
                    .loadKeyMaterial(
                            PemReader.loadKeyStore(file("cert.pem"), file("key.pem"), Optional.empty()), new char[0])
                    .loadTrustMaterial(PemReader.loadTrustStore(file("ca.pem")), null)
                    .build();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new KeyStoreException(directory + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private File file(String name) {
        return directory.resolve(name).toFile();
    }
}
