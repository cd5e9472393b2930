package carbonops.testbed.apim;

import java.lang.reflect.Field;

/** Sets the private fields that the product fills through OSGi. */
final class Fields {

    private Fields() {
    }

    static void setStatic(Class<?> owner, String name, Object value) throws ReflectiveOperationException {
        set(owner, null, name, value);
    }

    static void set(Class<?> owner, Object object, String name, Object value) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        field.set(object, value);
    }
}
