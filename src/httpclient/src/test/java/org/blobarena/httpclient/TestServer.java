package org.blobarena.httpclient;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that counts what it is asked. Of its pages, {@code fresh} may be kept for an hour, {@code etag} is to be asked for
 * again each time, {@code vary} has a body for each language, and {@code large} has a body of the length in its query.
 */
final class TestServer implements AutoCloseable {

    static final String ETAG = "\"one\"";

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger bodies = new AtomicInteger();
    private final AtomicInteger unchanged = new AtomicInteger();

    TestServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/fresh", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", "public, max-age=3600");
            answer(exchange, "fresh");
        });
        server.createContext("/etag", this::withTag);
        server.createContext("/vary", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", "public, max-age=3600");
            exchange.getResponseHeaders().set("Vary", "Accept-Language");
            answer(exchange, exchange.getRequestHeaders().getFirst("Accept-Language"));
        });
        server.createContext("/large", exchange -> {
            exchange.getResponseHeaders().set("Cache-Control", "public, max-age=3600");
            answer(exchange, body(Integer.parseInt(exchange.getRequestURI().getQuery())));
        });
        server.setExecutor(threads);
        server.start();
    }

    private void withTag(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Cache-Control", "public, no-cache");
        exchange.getResponseHeaders().set("ETag", ETAG);
        if (ETAG.equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
            unchanged.incrementAndGet();
            exchange.sendResponseHeaders(304, -1);
            exchange.close();
        } else {
            answer(exchange, "tagged");
        }
    }

    private void answer(HttpExchange exchange, String text) throws IOException {
        answer(exchange, text.getBytes(StandardCharsets.UTF_8));
    }

    private void answer(HttpExchange exchange, byte[] body) throws IOException {
        bodies.incrementAndGet();
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    static byte[] body(int bytes) {
        byte[] body = new byte[bytes];
        new Random(bytes).nextBytes(body);
        return body;
    }

    URI page(String path) {
        return URI.create("http://localhost:" + server.getAddress().getPort() + "/" + path);
    }

    /** How many bodies it has sent. */
    int bodies() {
        return bodies.get();
    }

    /** How often it has said that a body is as it was. */
    int unchanged() {
        return unchanged.get();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdown();
    }
}
