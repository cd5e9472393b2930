package carbonops.testbed.config;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import org.wso2.carbon.identity.core.util.IdentityUtil;
import org.wso2.config.mapper.ConfigParser;

/**
 * Reads lines of tab-separated fields and answers each with one line of JSON.
 *
 * <p>{@code render FILE REQUEST...}: whether the server's configuration mapper takes the deployment.toml, what it then decides on
 * requests like "GET /scim2/Me", and the rest of the configuration that came out. {@code read FILE}: what the server reads in it.
 */
public final class ConfigCheck {
    private static final Gson GSON = new GsonBuilder().serializeNulls().serializeSpecialFloatingPointValues().disableHtmlEscaping().create();

    private ConfigCheck() {
    }

    /** Arguments: the folder with the configuration templates, and a folder for the server's home that is emptied each time. */
    public static void main(String[] args) throws Exception {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        // The libraries log to standard output, which belongs to the answers.
        System.setOut(System.err);
        ScratchHome home = new ScratchHome(Path.of(args[0]), Path.of(args[1]));
        answers.println(GSON.toJson(Map.of("plugin", jarOf(IdentityUtil.class))));

        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.println(GSON.toJson(answer(home, line.split("\t"))));
        }
    }

    private static Map<String, Object> answer(ScratchHome home, String[] fields) {
        Map<String, Object> answer = new LinkedHashMap<>();
        Path file = Path.of(fields[1]);
        try {
            if (fields[0].equals("read")) {
                answer.put("values", plain(home.read(file)));
            } else {
                home.render(file);
                answer.put("decisions", home.decide(List.of(fields).subList(2, fields.length)));
                answer.put("entries", plain(ConfigParser.getParsedConfigs().get("resource.access_control")));
                answer.put("rest", home.digestOfTheRest());
            }
            answer.put("accepted", true);
        } catch (Throwable refusal) { // the mapper also fails with StackOverflowError
            answer.put("accepted", false);
            answer.put("error", describe(refusal));
        }
        return answer;
    }

    private static String describe(Throwable refusal) {
        StringBuilder text = new StringBuilder(refusal.toString());
        for (Throwable cause = refusal.getCause(); cause != null; cause = cause.getCause()) {
            text.append(": caused by ").append(cause);
        }
        return text.toString();
    }

    /** The values as JSON has them: whatever JSON has no type for is its text. */
    private static Object plain(Object value) {
        if (value instanceof Map) {
            Map<String, Object> table = new LinkedHashMap<>();
            ((Map<?, ?>) value).forEach((key, inner) -> table.put((String) key, plain(inner)));
            return table;
        }
        if (value instanceof List) {
            return ((List<?>) value).stream().map(ConfigCheck::plain).collect(Collectors.toList());
        }
        return value == null || value instanceof Number || value instanceof Boolean ? value : value.toString();
    }

    private static String jarOf(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).getFileName().toString();
    }
}
