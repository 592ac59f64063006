package org.blobarena.cli;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.blobarena.cli.process.Console;
import org.blobarena.cli.process.ExitStatus;
import org.blobarena.cli.text.Json;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.blobarena.store.BlobStore;
import org.blobarena.store.api.CorruptBlobException;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.OpenReport;
import org.blobarena.store.api.VerifyReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Looks for damage. */
@Command(
        name = "verify",
        description = "Reads everything, compares checksums, keys and the index, and lists what is damaged by file and "
                + "offset. Exit status 1 if anything is, 3 if it cannot be found out.")
final class VerifyCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Option(names = "--json", description = "As one line of JSON.")
    private boolean json;

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
            console.line("verified " + findings.report().keys() + " keys, "
                    + findings.report().records() + " records, "
                    + findings.report().bytes() + " bytes");
        }
        if (findings.count() == 0) {
            return ExitStatus.DONE;
        }
        main.complain(main.store().directory(console) + ": " + findings.count() + " damaged places");
        return ExitStatus.NEGATIVE;
    }

    private Findings findings() throws IOException {
        try (BlobStore<Key> store = main.store().open(main.console())) {
            return Findings.of(store.verify(), store.stats().opening());
        } catch (CorruptBlobException e) {
            String place = new Damage(e.file(), e.offset(), "").toString();
            Damage damage = new Damage(
                    e.file(), e.offset(), String.valueOf(e.getMessage()).replace(place, ""));
            return new Findings(new VerifyReport(0, 0, 0, 1, List.of(damage)), List.of(damage), 1);
        }
    }

    /** What the opening and the verification found, together. */
    private record Findings(VerifyReport report, List<Damage> damage, long count) {

        /** An opening finds some of the damage that a verification finds too, and some that only it can. */
        static Findings of(VerifyReport report, OpenReport opening) {
            Set<Damage> all = new LinkedHashSet<>(report.damage());
            all.addAll(opening.damage());
            long unlisted = Math.max(
                    report.damageCount() - report.damage().size(),
                    opening.damageCount() - opening.damage().size());
            return new Findings(report, List.copyOf(all), all.size() + unlisted);
        }

        Map<String, Object> json() {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("intact", count == 0);
            json.put("keys", report.keys());
            json.put("records", report.records());
            json.put("bytes", report.bytes());
            json.put("damageCount", count);
            json.put("damage", Reports.json(damage));
            return json;
        }
    }
}
