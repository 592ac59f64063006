package org.blobarena.cli.text;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.blobarena.store.api.Damage;
import org.blobarena.store.api.OpenReport;

/** Puts the store's reports into words and into JSON. */
public final class Reports {

    private Reports() {}

    public static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    public static Map<String, Object> json(Damage damage) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", damage.file());
        json.put("offset", damage.offset());
        json.put("problem", damage.problem());
        return json;
    }

    public static List<Object> json(List<Damage> damage) {
        return damage.stream().<Object>map(Reports::json).toList();
    }

    public static Map<String, Object> json(OpenReport opening) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("clean", opening.clean());
        json.put("seconds", seconds(opening.duration()));
        json.put("tornBytes", opening.tornBytes());
        json.put("damageCount", opening.damageCount());
        json.put("damage", json(opening.damage()));
        return json;
    }

    /** Such as {@code recovered in 0.120 s, 17 bytes of unfinished writes, 2 damaged places}. */
    public static String text(OpenReport opening) {
        String text = String.format(
                Locale.ROOT, "%s in %.3f s", opening.clean() ? "clean" : "recovered", seconds(opening.duration()));
        if (opening.tornBytes() > 0) {
            text += ", " + opening.tornBytes() + " bytes of unfinished writes";
        }
        if (opening.damageCount() > 0) {
            text += ", " + opening.damageCount() + " damaged places";
        }
        return text;
    }
}
