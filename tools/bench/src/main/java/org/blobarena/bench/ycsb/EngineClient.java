package org.blobarena.bench.ycsb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.Vector;
import java.util.zip.CRC32C;
import org.blobarena.bench.engine.Engine;
import org.blobarena.bench.engine.Engines;
import org.blobarena.bench.engine.Scale;
import site.ycsb.ByteArrayByteIterator;
import site.ycsb.ByteIterator;
import site.ycsb.DB;
import site.ycsb.DBException;
import site.ycsb.Status;

/**
 * The binding of YCSB for every engine. A record is a blob: for each field the length and bytes of its name, then of its value.
 * The properties {@code engine} and {@code directory} say what is opened, {@code recordcount} and {@code fieldlength} how much
 * it will hold. Each record ends in a checksum, which a read verifies: the check of YCSB itself takes a time that grows with the
 * square of a field's length. YCSB makes one of these for each thread; they share the engine, which the last one closes.
 */
public final class EngineClient extends DB {

    private static final int RECORD_OVERHEAD_BYTES = 64;

    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private static Engine shared;
    private static int users;

    private Engine engine;

    @Override
    public void init() throws DBException {
        synchronized (EngineClient.class) {
            if (users == 0) {
                shared = open(getProperties());
            }
            users++;
            engine = shared;
        }
    }

    private static Engine open(Properties properties) throws DBException {
        int records = Integer.parseInt(properties.getProperty("recordcount"));
        // Workload D inserts as it goes.
        int operations = Integer.parseInt(properties.getProperty("operationcount", "0"));
        int fieldBytes = Integer.parseInt(properties.getProperty("fieldlength"));
        try {
            return Engines.named(properties.getProperty("engine"))
                    .open(
                            Path.of(properties.getProperty("directory")),
                            new Scale(records + operations, fieldBytes + RECORD_OVERHEAD_BYTES));
        } catch (IOException e) {
            throw new DBException(e);
        }
    }

    @Override
    public void cleanup() throws DBException {
        synchronized (EngineClient.class) {
            users--;
            if (users == 0) {
                try {
                    shared.close();
                } catch (IOException e) {
                    throw new DBException(e);
                }
            }
        }
    }

    @Override
    public Status read(String table, String key, Set<String> fields, Map<String, ByteIterator> result) {
        try {
            byte[] blob = engine.get(bytes(key));
            if (blob == null) {
                return Status.NOT_FOUND;
            }
            for (Map.Entry<String, byte[]> field : decode(blob).entrySet()) {
                if (fields == null || fields.contains(field.getKey())) {
                    result.put(field.getKey(), new ByteArrayByteIterator(field.getValue()));
                }
            }
            return Status.OK;
        } catch (IOException | RuntimeException e) {
            return failed(e);
        }
    }

    @Override
    public Status insert(String table, String key, Map<String, ByteIterator> values) {
        try {
            engine.put(bytes(key), encode(arrays(values)));
            return Status.OK;
        } catch (IOException e) {
            return failed(e);
        }
    }

    /** Of a record with several fields, those that are not named stay. */
    @Override
    public Status update(String table, String key, Map<String, ByteIterator> values) {
        try {
            Map<String, byte[]> record = new HashMap<>();
            if (!getProperties().getProperty("fieldcount", "").equals("1")) {
                byte[] blob = engine.get(bytes(key));
                if (blob == null) {
                    return Status.NOT_FOUND;
                }
                record.putAll(decode(blob));
            }
            record.putAll(arrays(values));
            engine.put(bytes(key), encode(record));
            return Status.OK;
        } catch (IOException | RuntimeException e) {
            return failed(e);
        }
    }

    @Override
    public Status delete(String table, String key) {
        try {
            engine.delete(bytes(key));
            return Status.OK;
        } catch (IOException e) {
            return failed(e);
        }
    }

    /** None of the engines that this is for has an order, and workload E is not run. */
    @Override
    public Status scan(
            String table,
            String startKey,
            int recordCount,
            Set<String> fields,
            Vector<HashMap<String, ByteIterator>> result) {
        return Status.NOT_IMPLEMENTED;
    }

    private static Status failed(Exception cause) {
        cause.printStackTrace();
        return Status.ERROR;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Map<String, byte[]> arrays(Map<String, ByteIterator> values) {
        Map<String, byte[]> arrays = new HashMap<>();
        values.forEach((name, value) -> arrays.put(name, value.toArray()));
        return arrays;
    }

    private static byte[] encode(Map<String, byte[]> record) {
        int length = CHECKSUM_BYTES;
        for (Map.Entry<String, byte[]> field : record.entrySet()) {
            length += 2 * Integer.BYTES + bytes(field.getKey()).length + field.getValue().length;
        }
        ByteBuffer blob = ByteBuffer.allocate(length);
        for (Map.Entry<String, byte[]> field : record.entrySet()) {
            byte[] name = bytes(field.getKey());
            blob.putInt(name.length).put(name);
            blob.putInt(field.getValue().length).put(field.getValue());
        }
        return blob.putInt(checksum(blob.array())).array();
    }

    private static int checksum(byte[] blob) {
        CRC32C checksum = new CRC32C();
        checksum.update(blob, 0, blob.length - CHECKSUM_BYTES);
        return (int) checksum.getValue();
    }

    private static Map<String, byte[]> decode(byte[] bytes) throws IOException {
        ByteBuffer blob = ByteBuffer.wrap(bytes);
        if (blob.getInt(bytes.length - CHECKSUM_BYTES) != checksum(bytes)) {
            throw new IOException("a record of " + bytes.length + " bytes does not have its checksum");
        }
        blob.limit(bytes.length - CHECKSUM_BYTES);
        Map<String, byte[]> record = new HashMap<>();
        while (blob.hasRemaining()) {
            String name = new String(next(blob), StandardCharsets.UTF_8);
            record.put(name, next(blob));
        }
        return record;
    }

    private static byte[] next(ByteBuffer blob) {
        byte[] bytes = new byte[blob.getInt()];
        blob.get(bytes);
        return bytes;
    }
}
