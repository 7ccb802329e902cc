package org.vswitch.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.vswitch.fixture.Repository;

class VersionTest {
    @Test
    void shouldEqualTheVersionInThePom() throws IOException {
        String pom = Files.readString(Repository.root().resolve("pom.xml"));
        assertTrue(pom.contains("<version>" + Version.TEXT + "-SNAPSHOT</version>")
                || pom.contains("<version>" + Version.TEXT + "</version>"));
    }
}
