package org.blobarena.examples;

import java.util.Arrays;
import java.util.Random;

/** Draws numbers by Zipf's law: the one of rank r with a probability in proportion to 1 / r^s. */
final class Zipf {

    private final double[] cumulative;
    private final Random random;

    /**
     * Makes a source of numbers.
     *
     * @param count of numbers, from 0 on, which is drawn most often
     * @param exponent the s of the law
     * @param seed of all that is drawn
     */
    Zipf(int count, double exponent, long seed) {
        cumulative = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.pow(i + 1, -exponent);
            cumulative[i] = sum;
        }
        random = new Random(seed);
    }

    int next() {
        double drawn = random.nextDouble() * cumulative[cumulative.length - 1];
        int found = Arrays.binarySearch(cumulative, drawn);
        return found >= 0 ? found : -found - 1;
    }
}
