package org.blobarena.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {

    @Test
    void valuesOfEveryKind() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", "a");
        map.put("int", -1);
        map.put("long", 5_000_000_000L);
        map.put("double", 0.25);
        map.put("true", true);
        map.put("list", List.of(List.of(), Map.of(), 1));

        assertThat(Json.of(map))
                .isEqualTo("{\"text\":\"a\",\"int\":-1,\"long\":5000000000,\"double\":0.25,\"true\":true,"
                        + "\"list\":[[],{},1]}");
    }

    @Test
    void textIsEscapedWhereItMustBe() {
        assertThat(Json.of("\"\\/\b\n\t\0\u001f\u007fü日\uD83D\uDE00"))
                .isEqualTo("\"\\\"\\\\/\\u0008\\u000a\\u0009\\u0000\\u001f\\u007fü日\uD83D\uDE00\"");
        assertThat(Json.of("\uD83D!\uDE00")).isEqualTo("\"\\ud83d!\\ude00\"");
        assertThat(Json.of(Map.of("a\"b", 1))).isEqualTo("{\"a\\\"b\":1}");
    }

    @Test
    void whatJsonDoesNotHaveIsRefused() {
        assertThatThrownBy(() -> Json.of(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Json.of(List.of(new Object()))).isInstanceOf(IllegalArgumentException.class);
    }
}
