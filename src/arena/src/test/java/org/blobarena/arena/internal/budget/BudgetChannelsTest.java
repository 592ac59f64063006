package org.blobarena.arena.internal.budget;

import static org.assertj.core.api.Assertions.assertThat;

import org.blobarena.arena.DescriptorBudget;
import org.junit.jupiter.api.Test;

class BudgetChannelsTest {

    @Test
    void channelsAreThoseThatTheBudgetCounts() {
        DescriptorBudget budget = DescriptorBudget.of(7);

        assertThat(BudgetChannels.of(budget)).isSameAs(BudgetChannels.of(budget));
        assertThat(BudgetChannels.of(budget).max()).isEqualTo(7);
        assertThat(BudgetChannels.of(budget)).isNotSameAs(BudgetChannels.of(DescriptorBudget.of(7)));
    }
}
