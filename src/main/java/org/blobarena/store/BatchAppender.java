package org.blobarena.store;

import java.io.IOException;
import java.util.List;
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
     * @return the first of them, one at least, and the failure if there was one that concerns them. The others were not
     *     written, for want of room in the file or because of a failure, which a call for them meets again
     * @throws DiskFullException if there is no space; none was written
     */
    WrittenRecords append(int type, List<BatchRecord> records, Durability durability) throws IOException {
        try {
            WrittenRecords written;
            if (type == RecordType.TOMBSTONE) {
                written = reserve.orGivingUp(() -> appendOnce(type, records, durability));
            } else {
                reserve.requireSpared(records.stream()
                        .mapToLong(record -> record.payload().bytes())
                        .sum());
                written = appendOnce(type, records, durability);
            }
            reserve.written();
            return written;
        } catch (IOException e) {
            throw DiskFullException.orSame(e);
        }
    }

    private WrittenRecords appendOnce(int type, List<BatchRecord> records, Durability durability) throws IOException {
        RecordWriter.Appending appending = new RecordWriter.Appending(records.size());
        appendUntilFailure(type, records, appending);
        return writer.makeDurable(appending, durability);
    }

    /** Throws only if it has appended nothing: what it has appended needs its place in the index, or has to become void. */
    private void appendUntilFailure(int type, List<BatchRecord> records, RecordWriter.Appending appending)
            throws IOException {
        ActiveFile only = null;
        for (int i = 0; i < records.size(); i++) {
            RecordWriter.Appended next;
            try {
                next = writer.appendUnflushed(type, records.get(i), only);
            } catch (IOException | RuntimeException | Error e) {
                if (appending.isEmpty()) {
                    throw e;
                }
                return;
            }
            if (next == null) {
                return;
            }
            only = next.file();
            appending.add(next);
        }
    }
}
