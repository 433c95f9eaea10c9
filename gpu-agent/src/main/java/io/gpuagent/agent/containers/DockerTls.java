package io.gpuagent.agent.containers;

import com.github.dockerjava.transport.SSLConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The client's side of Docker's TLS: ca.pem, cert.pem and key.pem of a directory, read anew for each connection. Keys are RSA or
 * EC in PKCS #8 ({@code BEGIN PRIVATE KEY}) or RSA in PKCS #1 ({@code BEGIN RSA PRIVATE KEY}).
 */
record DockerTls(Path directory) implements SSLConfig {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN (RSA )?PRIVATE KEY-----([^-]+)-----END", Pattern.DOTALL);
    /** Version 0 and the algorithm rsaEncryption: what PKCS #8 puts before the PKCS #1 key. */
    private static final byte[] RSA_HEADER = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private static final char[] NO_PASSWORD = {};

    @Override
    public SSLContext getSSLContext() throws KeyStoreException {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(ownKey(), NO_PASSWORD);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new KeyStoreException(directory + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private KeyStore ownKey() throws IOException, GeneralSecurityException {
        KeyStore store = empty();
        store.setKeyEntry("own", key(read("key.pem")), NO_PASSWORD, certificates("cert.pem"));
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
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(read(file).getBytes(StandardCharsets.US_ASCII)))
                .toArray(Certificate[]::new);
    }

    private String read(String file) throws IOException {
        return Files.readString(directory.resolve(file), StandardCharsets.US_ASCII);
    }

    static PrivateKey key(String pem) throws GeneralSecurityException {
        Matcher matcher = KEY.matcher(pem);
        if (!matcher.find()) {
            throw new InvalidKeySpecException(
                    "key.pem holds no key in PKCS #8: convert it by openssl pkcs8 -topk8 -nocrypt");
        }
        byte[] der = Base64.getMimeDecoder().decode(matcher.group(2));
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(matcher.group(1) == null ? der : fromPkcs1(der));
        try {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        } catch (GeneralSecurityException notRsa) {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        }
    }

    private static byte[] fromPkcs1(byte[] key) {
        return tagged(0x30, RSA_HEADER, tagged(0x04, key));
    }

    /** DER with a length of two octets, which any RSA key of 1024 bits and more has. */
    private static byte[] tagged(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) tag, (byte) 0x82, (byte) (content.size() >> 8), (byte) content.size()});
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }
}
