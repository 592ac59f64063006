package org.blobarena.cli;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.blobarena.cli.text.Key;
import org.blobarena.cli.text.Shown;
import org.blobarena.content.ContentRepairReport;
import org.blobarena.store.api.RepairReport;
import org.jspecify.annotations.Nullable;

/** Puts the report of a repair into words and into JSON. */
final class Repairs {

    private Repairs() {}

    static List<String> text(RepairReport report) {
        List<String> lines = new ArrayList<>();
        for (RepairReport.SetAside file : report.setAside()) {
            lines.add("set aside " + file.file() + " as " + file.movedTo() + "; " + file.recordsKept()
                    + " of its records are in " + file.replacement());
        }
        for (RepairReport.Loss loss : report.losses()) {
            lines.add("lost " + what(loss) + ": " + loss.file() + ", offset " + loss.offset() + ", " + loss.length()
                    + " bytes");
        }
        lines.add("repaired: " + report.setAside().size() + " files set aside, " + report.recordsKept()
                + " records kept, " + report.losses().size() + " losses"
                + (report.identityRewritten() ? ", identity rewritten" : ""));
        return lines;
    }

    static Map<String, Object> json(RepairReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("lossless", report.isLossless());
        json.put("recordsKept", report.recordsKept());
        json.put("identityRewritten", report.identityRewritten());
        json.put(
                "setAside",
                report.setAside().stream().<Object>map(Repairs::json).toList());
        json.put("lostCount", report.losses().size());
        json.put("lost", report.losses().stream().<Object>map(Repairs::json).toList());
        return json;
    }

    static List<String> text(ContentRepairReport report) {
        List<String> lines = new ArrayList<>();
        for (String lost : report.lostFiles()) {
            lines.add("lost with all that it held: " + lost);
        }
        lines.addAll(text(report.names()));
        lines.addAll(text(report.contents()));
        for (String name : report.unbound()) {
            lines.add("unbound " + Shown.of(Key.of(name)) + ", since its content is lost");
        }
        return lines;
    }

    static Map<String, Object> json(ContentRepairReport report) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("lossless", report.isLossless());
        json.put("lostFiles", List.copyOf(report.lostFiles()));
        json.put("names", json(report.names()));
        json.put("contents", json(report.contents()));
        json.put("unbound", List.copyOf(report.unbound()));
        return json;
    }

    static long lossCount(ContentRepairReport report) {
        return report.lostFiles().size()
                + (long) report.names().losses().size()
                + report.contents().losses().size()
                + report.unbound().size();
    }

    private static Map<String, Object> json(RepairReport.SetAside file) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", file.file());
        json.put("movedTo", file.movedTo());
        json.put("replacement", file.replacement());
        json.put("recordsKept", file.recordsKept());
        return json;
    }

    private static Map<String, Object> json(RepairReport.Loss loss) {
        Map<String, Object> json = new LinkedHashMap<>();
        ByteBuffer key = loss.key();
        if (key != null) {
            String text = text(key);
            json.put(text == null ? "keyBytes" : "key", text == null ? hex(key) : text);
        }
        json.put("blob", loss.blob());
        json.put("file", loss.file());
        json.put("offset", loss.offset());
        json.put("length", loss.length());
        return json;
    }

    private static String what(RepairReport.Loss loss) {
        ByteBuffer key = loss.key();
        if (key == null) {
            return loss.blob() ? "a blob of an unknown key" : "whatever stood there";
        }
        String text = text(key);
        return text == null ? "key of bytes " + hex(key) : "key " + Shown.of(Key.of(text));
    }

    private static @Nullable String text(ByteBuffer key) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(key.duplicate()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String hex(ByteBuffer key) {
        byte[] bytes = new byte[key.remaining()];
        key.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
