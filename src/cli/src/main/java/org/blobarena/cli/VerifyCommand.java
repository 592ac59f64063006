package org.blobarena.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.process.Progress;
import org.blobarena.cli.text.Json;
import org.blobarena.cli.text.RateOption;
import org.blobarena.cli.text.Reports;
import org.blobarena.cli.text.Shown;
import org.blobarena.cli.transfer.ReadableBlobs;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.VerifyReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Looks for damage. */
@Command(
        name = "verify",
        description = "Reads everything, compares checksums, keys and the index, and lists what is damaged by file and "
                + "offset. Exit status 1 if anything is, 3 if it cannot be found out. Beside a process that has the store open, "
                + "what that has written is read, but for its index.")
final class VerifyCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Option(names = "--json", description = "As one line of JSON.")
    private boolean json;

    @Mixin
    private RateOption rate;

    @Override
    public Integer call() throws IOException {
        Findings findings = findings();
        Console console = main.console();
        if (json) {
            console.line(Json.of(findings.json()));
        } else {
            for (Damage damage : findings.damage()) {
                console.line(Shown.message(damage.toString()));
            }
            for (String other : findings.other()) {
                console.line(Shown.message(other));
            }
            console.line("verified " + findings.keys() + " keys, " + findings.records() + " records, "
                    + findings.bytes() + " bytes");
        }
        if (findings.count() == 0) {
            return ExitStatus.DONE;
        }
        main.complain(main.store().directory(console) + ": " + findings.count()
                + (findings.other().isEmpty() ? " damaged places" : " damaged places or losses"));
        return ExitStatus.NEGATIVE;
    }

    private Findings findings() throws IOException {
        Findings findings = new Findings();
        try (ReadableBlobs blobs = main.store().openToRead(main.console());
                Progress progress = Progress.on(main.console(), "verify", 0)) {
            blobs.verify(rate.pace(progress::show)).forEach(findings::add);
        } catch (CorruptBlobException e) {
            String place = new Damage(e.file(), e.offset(), "").toString();
            findings.add(new Damage(
                    e.file(), e.offset(), String.valueOf(e.getMessage()).replace(place, "")));
        }
        return findings;
    }

    /** What the openings and the verifications of all parts of a store found, together. */
    private static final class Findings {

        private final Set<Damage> damage = new LinkedHashSet<>();
        private final List<String> other = new ArrayList<>();
        private long unlisted;
        private long keys;
        private long records;
        private long bytes;

        /** An opening finds some of the damage that a verification finds too, and some that only it can. */
        void add(ReadableBlobs.Verified part) {
            VerifyReport report = part.report();
            OpenReport opening = part.opening();
            damage.addAll(report.damage());
            damage.addAll(opening.damage());
            unlisted += Math.max(
                    report.damageCount() - report.damage().size(),
                    opening.damageCount() - opening.damage().size());
            other.addAll(part.other());
            keys += report.keys();
            records += report.records();
            bytes += report.bytes();
        }

        /** For what could not be verified at all. */
        void add(Damage fatal) {
            damage.add(fatal);
        }

        List<Damage> damage() {
            return List.copyOf(damage);
        }

        List<String> other() {
            return other;
        }

        long count() {
            return damage.size() + unlisted + other.size();
        }

        long keys() {
            return keys;
        }

        long records() {
            return records;
        }

        long bytes() {
            return bytes;
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("intact", count() == 0);
            json.put("keys", keys);
            json.put("records", records);
            json.put("bytes", bytes);
            json.put("damageCount", count());
            json.put("damage", Reports.json(damage()));
            if (!other.isEmpty()) {
                json.put("other", List.copyOf(other));
            }
            return json;
        }
    }
}
