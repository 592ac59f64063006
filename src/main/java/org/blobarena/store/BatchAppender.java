package org.blobarena.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.blobarena.arena.Location;
import org.blobarena.format.RecordType;

/** Appends the records of many keys through the {@link RecordWriter}, with one wait for all that go to one file. */
final class BatchAppender {

    private final Reserve reserve;
    private final RecordWriter writer;

    BatchAppender(Reserve reserve, RecordWriter writer) {
        this.reserve = reserve;
        this.writer = writer;
    }

    /**
     * Appends the records of several keys to one file, and waits once until they are as durable as asked.
     *
     * @param type as of {@link RecordWriter#append}
     * @param records one or more
     * @return where the first of them are, one at least. The others were not written, for want of room in the file or
     *     because of a failure, which a call for them meets again
     * @throws DiskFullException if there is no space; none was written
     */
    List<Location> append(int type, List<BatchRecord> records, Durability durability) throws IOException {
        try {
            List<Location> locations;
            if (type == RecordType.TOMBSTONE) {
                locations = reserve.orGivingUp(() -> appendOnce(type, records, durability));
            } else {
                reserve.requireSpared(records.stream()
                        .mapToLong(record -> record.payload().bytes())
                        .sum());
                locations = appendOnce(type, records, durability);
            }
            reserve.written();
            return locations;
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    private List<Location> appendOnce(int type, List<BatchRecord> records, Durability durability) throws IOException {
        List<RecordWriter.Appended> appended = new ArrayList<>();
        appendUntilFailure(type, records, appended);
        writer.makeDurable(appended, durability);
        return appended.stream().map(RecordWriter.Appended::location).toList();
    }

    /** Throws only if it has appended nothing: what it has appended needs its place in the index, or has to become void. */
    private void appendUntilFailure(int type, List<BatchRecord> records, List<RecordWriter.Appended> appended)
            throws IOException {
        ActiveFile only = null;
        for (BatchRecord record : records) {
            RecordWriter.Appended next;
            try {
                next = writer.appendUnflushed(type, record, only);
            } catch (IOException | RuntimeException | Error e) {
                if (appended.isEmpty()) {
                    throw e;
                }
                return;
            }
            if (next == null) {
                return;
            }
            only = next.file();
            appended.add(next);
        }
    }
}
